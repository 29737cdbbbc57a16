/** Commands that are given once, while the way to their node breaks: a node restarted or killed, here or elsewhere (rules K2, C4). */
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { freePort } from './support/free-port.ts';
import { kill, until } from './support/processes.ts';

/** More than any pipe holds: whoever has taken it all is reading, and has found its session before. */
const LINE = `${'x'.repeat(99)}\n`;
const BULK = LINE.repeat(10_000);

let home: Skein;
let guest: Skein;
let ref: string;
beforeAll(async () => {
  [home, guest] = [new Skein(), new Skein()];
  home.run('mesh', '--name', 'alpha', '--listen', `127.0.0.1:${await freePort()}`);
  defineFake(home.home);
  home.run('run', '-d', '--name', 'api', 'fake');
  const { ticket } = home.json<{ ticket: string }>('share', 'api', '--role', 'operator');
  const { stdout } = guest.try(['join', '-', '--json', '--name', 'bob'], { input: `${ticket}\n` });
  ref = (JSON.parse(stdout) as { ref: string }).ref;
});
afterAll(() => {
  guest.destroy();
  home.destroy();
});

/** Gives a command its stdin, and in the middle of that does something else. */
async function interrupted(
  who: Skein,
  words: string[],
  meanwhile: () => void,
): Promise<[number | null, string]> {
  const child = spawn(...who.words(...words), { env: who.env, stdio: ['pipe', 'ignore', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const stderr = text(child.stderr);
  child.stdin.on('error', () => {});
  await new Promise((resolve) => child.stdin.write(BULK, resolve));
  meanwhile();
  child.stdin.end(LINE);
  return [await ended, await stderr];
}

const prompts = () => home.run('events', 'api').match(/prompt\.queued/g)?.length ?? 0;

test('[K2] [H3] what is typed from stdin is typed, though the node was restarted before stdin had ended', async () => {
  const file = join(home.home, 'typed');
  home.run('run', '-d', '--name', 'keeps', '--', 'sh', '-c', `stty -echo; echo ready; cat > '${file}'`);
  await until('it is ready', () => home.run('output', 'keeps').includes('ready'));
  const told = await interrupted(home, ['send', 'keeps', '-'], () => home.run('restart'));
  expect(told).toEqual([0, '']);
  await until('all is typed', () => statSync(file).size === BULK.length + LINE.length);
});

test('[K2] [A4] what is prompted from stdin is queued once, whichever node was restarted or killed meanwhile', async () => {
  const killed = () => {
    kill(home.json<{ pid: number }>('status').pid);
    home.run('up');
  };
  expect(await interrupted(home, ['prompt', 'api', '-'], () => home.run('restart'))).toEqual([0, '']);
  expect(await interrupted(guest, ['prompt', ref, '-'], killed)).toEqual([0, '']);
  expect(await interrupted(guest, ['prompt', ref, '-'], () => guest.run('restart'))).toEqual([0, '']);
  expect(prompts()).toBe(3);
}, 60_000);

test('[M4] a node stops and starts though somebody follows a session of another machine through it, who goes on then', async () => {
  const [words, child] = [guest.words('events', ref, '--follow'), { env: guest.env }];
  const follower = spawn(...words, { ...child, stdio: ['ignore', 'pipe', 'ignore'] });
  let seen = '';
  follower.stdout.on('data', (bytes) => {
    seen += bytes;
  });
  try {
    await until('it follows', () => seen.includes('member.joined'));
    guest.run('restart');
    home.run('prompt', 'api', 'after');
    await until('it goes on', () => seen.includes('after'), 20_000);
  } finally {
    follower.kill('SIGKILL');
  }
});

test('[M2] who is shut out meanwhile is told so, and not waited with', async () => {
  const begun = performance.now();
  const told = await interrupted(guest, ['prompt', ref, '-'], () => home.run('revoke', 'api', 'bob'));
  expect(told[0]).toBe(5);
  expect(performance.now() - begun).toBeLessThan(9_000);
});
