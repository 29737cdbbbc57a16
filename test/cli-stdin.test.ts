/** Commands that read what a person or a program takes its time to write (rules C4, K5). */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEAD_MS } from '@skein/protocol/limits';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { steps } from './support/acp-agent.ts';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { until } from './support/processes.ts';
import { Tmux } from './support/tmux.ts';

/** Milliseconds in which a node gives up a client that answers nothing. */
const LONG_MS = DEAD_MS + 3_000;

let skein: Skein;
let tmux: Tmux;
beforeAll(() => {
  skein = new Skein();
  tmux = new Tmux();
  skein.run('run', '-d', '--name', 'cat', '--', 'cat');
  defineFake(skein.home);
  skein.run('run', '-d', '--name', 'api', 'fake');
});
afterAll(() => {
  tmux.stop();
  skein.destroy();
});

/** A command whose stdin is a pipe, and what becomes of it. */
function begin(...args: string[]) {
  const child = spawn(...skein.words(...args), { env: skein.env, stdio: ['pipe', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => {});
  const ended = new Promise((resolve) => child.once('close', (status) => resolve([status, stderr])));
  return { stdin: child.stdin, ended };
}

test('[C4] what comes on stdin, or from an editor, may take longer than a silent client is waited for', async () => {
  const [opened, go] = [join(skein.home, 'opened'), join(skein.home, 'go')];
  const editor = join(skein.home, 'editor');
  const script = `#!/bin/sh\ntouch '${opened}'\nuntil test -e '${go}'; do sleep 0.1; done\necho from the editor > "$1"\n`;
  writeFileSync(editor, script, { mode: 0o700 });
  skein.run('prompt', 'api', steps({ do: 'hang' }));
  skein.run('prompt', 'api', 'before');
  await tmux.shell('user');
  tmux.enter('user', `EDITOR='${editor}' ${skein.command} queue api edit 1; echo "ended $?"`);
  await until('the editor is open', () => existsSync(opened));
  const [send, prompt] = [begin('send', 'cat', '-'), begin('prompt', 'api', '-')];
  send.stdin.write('slow ');
  prompt.stdin.write('slow ');
  await sleep(LONG_MS);
  send.stdin.end('typing\n');
  prompt.stdin.end('prompting');
  writeFileSync(go, '');
  expect(await send.ended).toEqual([0, '']);
  expect(await prompt.ended).toEqual([0, '']);
  await tmux.until('user', 'the end', (text) => /ended 0/.test(text));
  await until('it was typed', () => skein.run('screen', 'cat').includes('slow typing'));
  const queue = skein.run('queue', 'api');
  expect(queue).toContain('from the editor');
  expect(queue).toContain('slow prompting');
}, 60_000);

/** Runs a command on a pipe that does not wait, as another program may have left it, and gives it this once it has looked. */
async function unhurried(words: string[], given: string): Promise<unknown> {
  const fifo = join(skein.home, 'fifo');
  rmSync(fifo, { force: true });
  execFileSync('mkfifo', [fifo]);
  const read = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const write = openSync(fifo, 'w');
  const child = spawn(...skein.words(...words), {
    env: skein.env,
    stdio: [read, 'ignore', 'pipe'],
  });
  // Whoever reads it so changes it for all that have it.
  const shared = new Socket({ fd: read, readable: false, writable: false });
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise((resolve) => child.once('close', (status) => resolve([status, stderr])));
  // Where an empty pipe is a mistake it ends by itself; otherwise this only lets it come to look.
  await Promise.race([ended, sleep(2_000)]);
  writeSync(write, given);
  closeSync(write);
  shared.destroy();
  return ended;
}

test('[K5] stdin may be a pipe that does not wait, for whatever reads it', async () => {
  expect(await unhurried(['send', 'cat', '-'], 'unhurried\n')).toEqual([0, '']);
  const file = 'name: slow\nsessions:\n  one: { terminal: cat }\n';
  expect(await unhurried(['compose', '-f', '-', 'check'], file)).toEqual([0, '']);
  const definition = 'driver: acp\ncommand: cat\n';
  expect(await unhurried(['agent', 'add', '-', '--name', 'slow'], definition)).toEqual([0, '']);
  const token = ['mesh', '--relay', 'ws://127.0.0.1:9', '--admission', '-'];
  expect(await unhurried(token, 'token\n')).toEqual([0, '']);
}, 60_000);

test('[K5] what has no end is refused as too much, before it is read to none', async () => {
  for (const words of [
    ['compose', '-f', '-', 'check'],
    ['agent', 'add', '-', '--name', 'endless'],
    ['mesh', '--relay', 'ws://127.0.0.1:9', '--admission', '-'],
  ]) {
    const { stdin, ended } = begin(...words);
    const more = () => {
      while (stdin.writable && stdin.write('y\n'.repeat(32_768)));
    };
    stdin.on('drain', more);
    more();
    expect(await ended).toEqual([expect.any(Number), expect.stringMatching(/More than|more than/)]);
  }
}, 60_000);

test('[K5] who is asked to type at a terminal is told so', async () => {
  await tmux.shell('asked');
  tmux.enter('asked', `${skein.command} compose -f - check`);
  await tmux.until('asked', 'what is waited for', (text) => text.includes('Ctrl-D on a line of its own'));
  tmux.keys('asked', 'C-d');
  await tmux.until('asked', 'the end', (text) => text.includes('it is empty'));
});
