/** The client library: the very code of docs/CLIENT.md, and what that page promises, against a real node (rules K2, A4, A5, L3). */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Skein as Connected, connectSkein } from '@skein/client';
import type { SkeinEvent } from '@skein/client/events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { kill, until } from './support/processes.ts';
import { defineTalking } from './support/talking.ts';

const ROOT = join(import.meta.dirname, '..');
let skein: Skein;
let program: string;
let connected: Connected;

beforeAll(async () => {
  skein = new Skein();
  defineTalking(skein.home);
  program = skein.words('up')[1].find((word) => word.endsWith('.cjs')) ?? '';
});
afterAll(() => {
  connected?.close();
  skein.destroy();
});

/** Runs a piece of the page's code, and returns what it prints. `skein` on the PATH is this build's. */
async function runPiece(code: string): Promise<string> {
  const bin = join(skein.home, '..', 'bin');
  mkdirSync(bin, { recursive: true });
  const script = `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`;
  writeFileSync(join(bin, 'skein'), script, { mode: 0o755 });
  // Beside this test, where the packages are found.
  const file = join(import.meta.dirname, `.page-${process.pid}.mts`);
  writeFileSync(file, code.replace('/work/api', skein.home));
  const env = { ...skein.env, PATH: `${bin}:${process.env.PATH}` };
  try {
    const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect(errors).toBe('');
    return out;
  } finally {
    rmSync(file, { force: true });
  }
}

test('the code of the page runs as it stands, and starts the node', async () => {
  const page = readFileSync(join(ROOT, 'docs/CLIENT.md'), 'utf8');
  const [agent = '', terminal = ''] = [...page.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code);
  expect(agent.trim().split('\n').length).toBeLessThanOrEqual(12);
  // `claude` is the agent that does what it is told.
  defineTalking(skein.home, 'claude');
  const out = await runPiece(
    agent.replace('What does this project do?', 'say It runs.\\nedit a.txt x => y\\nsay Done.'),
  );
  expect(out).toContain('It runs.');
  expect(out).toContain('Done.');
  expect(skein.json<{ agents: unknown[] }[]>('ls')).toHaveLength(1);
  const printed = await runPiece(terminal.replace('npm test; exit', 'echo $((6 * 7)); exit 3'));
  expect(printed).toMatch(/^3 .*\n42\n$/s);
});

describe('what the page promises', () => {
  beforeAll(async () => {
    connected = await connectSkein({ home: skein.home, program });
  });

  test('[K2] [L3] a node killed in the middle: the prompt is done once, and no event is missing or twice', async () => {
    const agent = await connected.spawn('talking', { session: 'kept', cwd: skein.home });
    const events: SkeinEvent[] = [];
    const turn = agent.prompt('stream 60 20\nsay end.');
    const pid = connected.client.node.pid;
    let back = Promise.resolve('');
    for await (const event of turn) {
      events.push(event);
      // Whoever is told of a killed node starts it again; here a command does.
      if (events.length === 8) {
        kill(pid, 'SIGKILL');
        back = Promise.resolve().then(() => skein.run('ls'));
      }
    }
    await back;
    expect(turn.end).toEqual({ how: 'done' });
    const offsets = events.map(({ offset }) => offset);
    expect(new Set(offsets).size).toBe(offsets.length);
    const said = events.map((one) => (one.type === 'message.delta' ? one.body.text : '')).join('');
    expect(said.match(/word-\d+/g)).toHaveLength(60);
    const all: SkeinEvent[] = [];
    for await (const event of connected.events('kept', { offset: 0 }, false)) all.push(event);
    expect(all.map(({ offset }) => offset)).toEqual(all.map((_, i) => i + 1));
    expect(all.filter(({ type }) => type === 'prompt.queued')).toHaveLength(1);
  });

  test('[K2] [H3] what is typed while the node is killed is typed once, in order', async () => {
    // As a command that a person gives would.
    const revive = () => skein.later(['ls']);
    const reader = await connected.run(['sh', '-c', 'stty -echo; echo ready; exec cat'], {
      name: 'typed',
      cwd: skein.home,
    });
    await until('it reads', async () => (await reader.screen()).startsWith('ready'));
    let back: Promise<unknown> = Promise.resolve();
    for (let n = 0; n < 40; n++) {
      const typed = reader.type(`${n}`, 'enter');
      if (n % 10 === 5) {
        kill(skein.json<{ pid: number }>('status').pid, 'SIGKILL');
        back = revive();
      }
      await typed;
    }
    await back;
    await reader.type('', 'ctrl-d');
    expect(await reader.ended()).toEqual({ code: 0, signal: null });
    const numbers = skein.run('output', 'typed').split('\r\n').slice(1, -1);
    expect(numbers).toEqual(Array.from({ length: 40 }, (_, n) => `${n}`));
  });

  test('[K5] a program that cannot be started leaves no session, and one that has ended takes nothing', async () => {
    const before = (await connected.sessions()).length;
    await expect(connected.run(['no-such-program'])).rejects.toMatchObject({ code: 'program_not_found' });
    expect(await connected.sessions()).toHaveLength(before);
    const over = await connected.run(['sh', '-c', 'kill -9 $$'], { name: 'over' });
    expect(await over.ended()).toEqual({ code: null, signal: 9 });
    const again = await connected.terminal('over');
    await expect(again.type('x')).rejects.toMatchObject({ code: 'not_running' });
  });

  test('[A4] a text whole, two at a time, each its own', async () => {
    const agent = await connected.agent('kept');
    const [one, two] = [agent.prompt('say first'), agent.prompt('say second')];
    expect(await Promise.all([one.text(), two.text()])).toEqual(['first', 'second']);
    expect((await agent.state()).doing).toBe('idle');
  });

  test('[A4] prompts that are not waited for are queued in the order in which they were given, however long', async () => {
    defineFake(skein.home);
    const agent = await connected.spawn('fake', { session: 'ordered', cwd: skein.home });
    const first = agent.prompt('sleep 500');
    const [long, short] = [agent.prompt('x'.repeat(2_000_000)), agent.prompt('short')];
    await Promise.all([first.text(), long.text(), short.text()]);
    // What is long stands beside the log.
    const queued = skein
      .json<(SkeinEvent & { blob?: unknown })[]>('events', 'ordered')
      .flatMap(({ type, body, blob }) =>
        type === 'prompt.queued' ? [blob === undefined ? body.prompt : long.prompt] : [],
      );
    expect(queued).toEqual([first.prompt, long.prompt, short.prompt]);
  });

  test('[A4] a prompt that was read to its end, or is read by two, is told whole to each', async () => {
    const agent = await connected.agent('kept');
    const turn = agent.prompt('say first\nstream 5 20\nsay last');
    const types = async () => {
      const all: string[] = [];
      for await (const { type } of turn) all.push(type);
      return all;
    };
    const [first, beside] = await Promise.all([types(), types()]);
    expect(first).toContain('turn.ended');
    expect([beside, await types()]).toEqual([first, first]);
    expect(await turn.text()).toBe('firstword-1 word-2 word-3 word-4 word-5.last');
    expect(turn.end).toEqual({ how: 'done' });
  });

  test('[A4] a text past any frame arrives whole, and a picture', async () => {
    defineFake(skein.home);
    const agent = await connected.spawn('fake', { session: 'large', cwd: skein.home });
    expect(await agent.prompt('x'.repeat(5_000_000)).text()).toBe('5000000');
    const data = Buffer.alloc(600_000, 7).toString('base64');
    const turn = agent.prompt([
      { type: 'text', text: 'look' },
      { type: 'image', mime: 'image/png', data },
    ]);
    expect(await turn.text()).toBe('You said: look\n(image )');
    const most = agent.prompt('x'.repeat(9_000_000)).text();
    await expect(most).rejects.toMatchObject({ code: 'too_large' });
  });

  test('[A5] what is asked is listed and answered', async () => {
    const agent = await connected.agent('kept');
    const turn = agent.prompt('edit a.txt x => y');
    for await (const event of turn) {
      if (event.type !== 'approval.asked') continue;
      const [asked] = await connected.approvals();
      expect(asked).toMatchObject({ approval: event.body.approval, session: agent.session });
      if (asked !== undefined)
        expect(await connected.approve(asked, 'deny')).toMatchObject({ outcome: 'denied' });
    }
    expect(turn.end?.how).toBe('done');
  });

  test('a turn that is lost throws nothing and says why; one that can not be queued throws', async () => {
    const agent = await connected.spawn('talking', { in: 'kept', as: 'other' });
    const turn = agent.prompt('stream 1000 50');
    for await (const event of turn) if (event.type === 'message.delta') await agent.stop(0);
    expect(turn.end?.how).not.toBe('done');
    await connected.client.command(`session/${agent.session}`, 'agent.remove', { agent: agent.id });
    await expect(agent.prompt('say x').text()).rejects.toMatchObject({ code: 'not_found' });
    await expect(connected.spawn('no-such-agent', { in: 'kept' })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(connected.agent('kept/nobody')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('no node, and none to be started: told as that', async () => {
    const nowhere = join(skein.home, '..', 'none');
    await expect(connectSkein({ home: nowhere, start: false })).rejects.toMatchObject({
      code: 'node_unreachable',
    });
    const missing = connectSkein({ home: nowhere, program: '/no/such/skein' });
    await expect(missing).rejects.toMatchObject({
      code: 'node_unreachable',
      message: expect.stringContaining('program'),
    });
  });
});
