/** `skein chat` in a real terminal, on real agents' processes (rules U1, U2, A5, C4). */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@skein/protocol/client/client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Chats, lit, type Shape } from './support/chats.ts';
import { Skein } from './support/cli.ts';
import { kill, until } from './support/processes.ts';
import { PtyScreen } from './support/pty-screen.ts';
import { connectTo, defineTalking, openTalking } from './support/talking.ts';

let skein: Skein;
let client: Client;
const chats = new Chats();
let count = 0;

beforeAll(async () => {
  skein = new Skein();
  skein.run('up');
  defineTalking(skein.home);
  client = await connectTo(skein.home);
});
afterEach(() => chats.close());
afterAll(() => {
  client.close();
  skein.destroy();
});

interface Opened {
  name: string;
  id: string;
  agents: string[];
}

async function open(...agents: string[]): Promise<Opened> {
  const name = `s${++count}`;
  return { name, ...(await openTalking(client, name, skein.home, agents.length === 0 ? ['ann'] : agents)) };
}

const ready = (ref: string, shape?: Shape) => chats.ready(skein, ref, shape);

const answerable = (shown: PtyScreen) => lit(shown, /^ {2}y {2}yes/);

function lastEvents(id: string): { type: string; body: Record<string, unknown> }[] {
  return skein.json('events', id);
}

describe('chat', () => {
  test('[U1] a prompt is answered piece by piece, with Markdown; calls are folded and unfolded by a key', async () => {
    const { name } = await open();
    const shown = await ready(name);
    shown.type('say # Title\\n\\nsome **bold** and \\e[31mnot red\\e]0;no title\x07\r');
    await shown.shows('Title');
    const text = await shown.shows('^[[31mnot red');
    expect(text).toContain('some bold and ^[[31mnot red^[]0;no title');
    expect(shown.raw).not.toContain('no title\x07');
    shown.type('run make test\r');
    await shown.shows('more lines');
    expect(shown.text).not.toContain('line 9 of');
    shown.type('\x0f');
    await shown.shows('line 9 of make test');
    shown.type('\x0f');
    await shown.until('it folded', (all) => !all.includes('line 9 of'));
    shown.type('plan read, write, test\nstream 40 0\r');
    await shown.shows('word-40.');
  });

  test('[A5] a question shows its change, and is answered by one key, but not by letters of something typed', async () => {
    const { name, id } = await open();
    const shown = await ready(name);
    shown.type('edit notes.txt old line => new line\r');
    await shown.shows('ann asks');
    expect(shown.text).toMatch(/- old line\n\s+\+ new line/);
    await answerable(shown);
    shown.type('x');
    await shown.shows('alt-y');
    shown.type('y\x7f\x7f');
    await answerable(shown);
    expect(lastEvents(id).some(({ type }) => type === 'approval.answered')).toBe(false);
    shown.type('y');
    await shown.shows('allowed by you');
    await shown.shows('Edited.');
    shown.type('edit notes.txt a => b\r');
    await answerable(shown);
    shown.type('r');
    await shown.shows('no, because:');
    shown.type('not now\r');
    await shown.shows('denied by you: not now');
    await shown.shows('Left as it is.');
  });

  test('several lines are written, a long paste is sent whole, what waits can be changed, a turn is ended', async () => {
    const { name, id } = await open();
    const shown = await ready(name);
    shown.type('say one\x1b\rsay two\r');
    await shown.shows('two');
    shown.type(`\x1b[200~${'five megabytes, almost\n'.repeat(200_000)}\x1b[201~`);
    await shown.shows('[pasted 200001 lines');
    shown.type('\r');
    await shown.shows('4600000 letters.');
    shown.type('stream 100000 5\r');
    await shown.shows('word-3');
    shown.type('say later\r');
    await shown.shows('⧗ 1 say later');
    shown.type('/queue edit 1\r');
    await shown.shows('✎ say later');
    shown.type(' still\r');
    await shown.shows('⧗ 1 say later still');
    shown.type('\x03');
    await shown.shows('cancelled');
    await shown.shows('❯ say later still');
    const prompts = lastEvents(id).filter(({ type }) => type === 'prompt.queued' || type === 'prompt.edited');
    expect(prompts).toHaveLength(5);
  });

  test('[U1] resized it is laid out anew; search finds what was long ago; commands are completed', async () => {
    const { name } = await open();
    const shown = await ready(name);
    shown.type('say the needle is here\r');
    await shown.shows('needle is here');
    shown.type('burst 200\r');
    await shown.shows('File 200');
    shown.resize(60, 20);
    await shown.until('the narrower screen', (text) => text.split('\n')[17]?.startsWith('─ idle') ?? false);
    for (const row of shown.rows) expect(row.length).toBeLessThanOrEqual(60);
    shown.type('\x06');
    await shown.shows('search:');
    shown.type('needle\r');
    await shown.shows('the needle is here');
    shown.type('i');
    await shown.shows('File 200');
    shown.type('/mo');
    await shown.shows('▸ /model');
    shown.type('\x1b[B\t');
    await shown.shows('plan');
    shown.type('pl\r');
    await shown.shows('mode: plan');
    shown.type('/rev');
    await shown.shows('look over the changes');
  });

  test('agents are looked at one at a time or side by side; which of them waits is told', async () => {
    const { name } = await open('ann', 'bob');
    const shown = await ready(name, { cols: 130 });
    shown.type('say I am first\r');
    await shown.shows('I am first');
    shown.type('\t');
    await shown.until('the other', (text) => !text.includes('I am first'));
    shown.type('edit b.txt 1 => 2\r');
    await shown.shows('bob asks');
    shown.type('\x1b1');
    await shown.shows('bob waits for an answer');
    shown.type('\x13');
    const text = await shown.until('both', (all) => all.includes('I am first') && all.includes('Edit b.txt'));
    expect(text).toMatch(/─ ann idle ─+│─ bob waiting/);
  });

  test('[C4] a node that is killed and comes back is gone on with: nothing is missing, nothing twice', async () => {
    const { name } = await open();
    const shown = await ready(name);
    shown.type('stream 400 5\r');
    await shown.shows('word-20 ');
    kill(skein.json<{ pid: number }>('status').pid, 'SIGKILL');
    await until('the node is back', () => skein.try(['status']).status === 0);
    skein.try(['up']);
    await shown.shows('word-400.');
    await shown.shows('─ idle');
    const words = shown.text.match(/word-\d+/g) ?? [];
    const last = Number(words[0]?.slice(5));
    expect(words).toEqual(words.map((_, i) => `word-${last + i}`));
    expect(words.at(-1)).toBe('word-400');
  });

  test.each([
    ['ctrl-d', 0],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('[U2] left by %s, the terminal is as it was', async (how, status) => {
    const { name } = await open();
    const words = skein.words('chat', name);
    const line = [words[0], ...words[1]].map((word) => `'${word}'`).join(' ');
    const shell = new PtyScreen(
      'sh',
      [
        '-c',
        `stty -a > "$KEPT"; printf 'mine\\n'; ${line}; echo "status $?"; stty -a | cmp - "$KEPT" && echo same`,
      ],
      { ...skein.env, KEPT: join(skein.home, 'before') },
      100,
      30,
    );
    chats.also(shell);
    await shell.shows('─ idle');
    if (how === 'ctrl-d') shell.type('\x04');
    else {
      const pid = execFileSync('ps', ['-o', 'pid=', '--ppid', String(shell.pty.pid)], { encoding: 'utf8' });
      kill(Number(pid.trim().split(/\s+/)[0]), how as NodeJS.Signals);
    }
    await shell.shows('same');
    expect(shell.rows.slice(0, 3)).toEqual(['mine', `status ${status}`, 'same']);
    const { modes } = shell.screen.terminal;
    expect([
      modes.mouseTrackingMode,
      modes.bracketedPasteMode,
      modes.sendFocusMode,
      modes.wraparoundMode,
    ]).toEqual([...['none', false, false, true]]);
    expect(shell.screen.terminal.buffer.active.type).toBe('normal');
    await shell.end();
  });

  test('somebody who looks elsewhere is called when an answer is waited for, and only then', async () => {
    const { name } = await open();
    const shown = await ready(name);
    shown.type('edit a => b\r');
    await shown.shows('ann asks');
    expect(shown.raw).not.toContain('\x1b]9;');
    await answerable(shown);
    shown.type('n');
    await shown.shows('Left as it is.');
    shown.type('\x1b[O');
    shown.type('edit c d => e\r');
    await shown.until('a call', () => shown.raw.includes('\x1b]9;ann asks: Edit c\x07'));
    expect(shown.raw).toContain('\x1b]777;notify;');
  });

  test('what is copied goes to the clipboard of the terminal', async () => {
    const { name } = await open();
    const shown = await ready(name);
    shown.type('say copy ```js is no code```\r');
    await shown.shows('╰ done');
    shown.type('/copy\r');
    await shown.shows('Copied.');
    const [, data = ''] = /\x1b\]52;c;([^\x07]*)\x07/.exec(shown.raw) ?? [];
    expect(Buffer.from(data, 'base64').toString()).toBe('copy ```js is no code```');
  });

  test('[U1] thirty frames a second at most, and few bytes for each word that streams', async () => {
    const { name } = await open();
    const shown = await ready(name);
    const before = shown.raw.length;
    const began = performance.now();
    shown.type('stream 300 4\r');
    await shown.shows('word-300.');
    const frames = shown.raw.slice(before).split('\x1b[?2026h').length - 1;
    expect(frames).toBeLessThanOrEqual(Math.ceil(((performance.now() - began) / 1000) * 31) + 2);
    expect((shown.raw.length - before) / 300).toBeLessThan(80);
  });

  test('without a terminal, lines are prompts and the transcript is printed as it goes on', async () => {
    const { name } = await open();
    const { status, stdout } = skein.try(['chat', name], { input: 'say hello\\e[2J\nrun ls\n' });
    expect(status).toBe(0);
    expect(stdout).toBe('> say hello\\e[2J\nhello^[[2J\n[done]\n> run ls\n[execute] ls\n[done]\n');
    const json = skein.try(['chat', name, '--json'], { input: '' });
    expect(
      json.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).type),
    ).toContain('turn.ended');
    expect(skein.try(['chat', 'nobody']).status).toBe(3);
    expect(skein.try(['chat', `${name}/zed`]).stderr).toContain('It has: ann.');
  });

  test('colours are left out where nobody wants them', async () => {
    const { name } = await open();
    const shown = await ready(name);
    shown.type('edit a x => y\r');
    await shown.shows('ann asks');
    expect(shown.raw).not.toMatch(/\x1b\[(?:\d+;)*3[0-7]m/);
    const colourful = chats.open(skein, name, { env: { NO_COLOR: '' } });
    await colourful.shows('ann asks');
    expect(colourful.raw).toMatch(/\x1b\[(?:\d+;)*3[0-7]m/);
  });

  test('stopped while it draws, by a key that is held, it leaves the terminal alone until it goes on', async () => {
    const { name } = await open();
    const shown = await ready(name);
    shown.type('stream 2000 2\r');
    await shown.shows('word-20 ');
    for (let n = 0; n < 3; n++) {
      shown.type('\x1a\x1a\x1a');
      await until('it is stopped', () => / T /.test(readFileSync(`/proc/${shown.pty.pid}/stat`, 'utf8')));
      const seen = shown.raw.length;
      kill(shown.pty.pid, 'SIGCONT');
      await shown.until('its screen again', () => shown.raw.slice(seen).includes('\x1b[2J'));
    }
    shown.type('/quit\r');
    await shown.end();
    const left = shown.raw.split('\x1b[?1049l\x1b[?25h').slice(1);
    expect(left.map((rest) => rest.slice(0, 8))).toEqual([...Array(3).fill('\x1b[?1049h'), '']);
    const count = (sequence: string) => shown.raw.split(sequence).length - 1;
    expect(count('\x1b[>1u')).toBe(count('\x1b[<u'));
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('without a terminal, %s ends it with %i', async (signal, status) => {
    const { name } = await open();
    const [program, words] = skein.words('chat', name);
    const chat = spawn(program, words, { env: skein.env, stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(chat, 'exit');
    chat.stdin.write('stream 100000 5\n');
    let said = '';
    chat.stdout.on('data', (piece) => {
      said += piece;
    });
    await until('it tells', () => said.includes('word-2 '));
    chat.kill(signal);
    expect(await ended).toEqual([status, null]);
  });
});
