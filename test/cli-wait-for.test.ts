/** `skein wait --for`: until a program says something, as scripts need it that go on when a server listens (rules K5, H2). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';

let skein: Skein;
beforeAll(() => {
  skein = new Skein();
});
afterAll(() => skein.destroy());

/** A failed call: its exit status and the code of its error. */
function failure(...words: string[]): [number | null, string] {
  const { status, stdout, stderr } = skein.try([...words, '--json']);
  expect(stdout).toBe('');
  return [status, JSON.parse(stderr).error.code];
}

test('[H2] what was printed already counts, as it is read: without colours, though no line ends there', () => {
  const print = "printf 'one\\r\\ncol\\033[31mour\\033[0med: héllo? '; exec cat";
  skein.run('run', '-d', '--name', 'asking', '--', 'sh', '-c', print);
  expect(skein.run('wait', 'asking', '--for', 'coloured: héllo?')).toBe('');
  const { to, ...found } = skein.json<{ name: string; to: number }>('wait', 'asking', '--for', 'one');
  expect(found).toMatchObject({ name: 'asking' });
  expect(to).toBeGreaterThanOrEqual(3);
});

test('[H2] it comes while it is waited for, and only behind --from', async () => {
  skein.run('run', '-d', '--name', 'echo', '--', 'sh', '-c', 'stty -echo; echo READY; exec cat');
  const { to } = skein.json<{ to: number }>('wait', 'echo', '--for', 'READY');
  expect(failure('wait', 'echo', '--for', 'READY', '--from', `${to}`, '-t', '1')).toEqual([1, 'timeout']);
  expect(failure('wait', 'echo', '--for', 'READY', '--from', `${to}`, '-t', '0')).toEqual([1, 'timeout']);
  skein.run('wait', 'echo', '--for', 'READY', '-t', '0');
  const [program, words] = skein.words('wait', 'echo', '--for', 'READY', '--from', `${to}`, '--json');
  const child = spawn(program, words, { env: skein.env, stdio: ['ignore', 'pipe', 'inherit'] });
  skein.run('send', 'echo', 'REA');
  skein.run('send', 'echo', 'DY', '--enter');
  const [printed, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect(status).toBe(0);
  expect(JSON.parse(printed).to).toBeGreaterThanOrEqual(to + 'READY'.length);
});

test('[H2] what came together is told apart: what is written over was said, and what follows it is found behind it', () => {
  const bar = String.raw`printf 'make\r\nready\r\nlistening\r\n10%%\r20%%\033[2K\033[1Gleft\b\b\b\bover\033[2K\rend\r\n'`;
  skein.run('run', '-d', '--name', 'together', '--', 'sh', '-c', `stty -opost; ${bar}; exec cat`);
  skein.run('wait', 'together', '--for', 'end', '-t', '10');
  let from = 0;
  for (const said of ['ready', 'listening', '10%', '20%', 'left', 'over', 'end']) {
    const words = ['--for', said, '--from', `${from}`, '-t', '0'];
    const { to } = skein.json<{ to: number }>('wait', 'together', ...words);
    expect(to).toBeGreaterThan(from);
    from = to;
  }
});

test('[K5] a program that ends without it, or has, is a failure; so is what cannot come', () => {
  skein.run('run', '-d', '--name', 'brief', '--', 'sh', '-c', 'echo no; exit 0');
  expect(failure('wait', 'brief', '--for', 'ready')).toEqual([1, 'not_running']);
  expect(failure('wait', 'brief', '--for', 'ready')).toEqual([1, 'not_running']);
  expect(failure('wait', 'brief', '--for', 'ready', '-t', '0')).toEqual([1, 'not_running']);
  expect(skein.run('wait', 'brief', '--for', 'no')).toBe('');
  expect(failure('wait', 'brief', '--for', ' ')).toEqual([2, 'bad_request']);
  expect(failure('wait', 'brief', '--for', 'two\nlines')).toEqual([2, 'bad_request']);
  expect(failure('wait', 'brief', '--from', '1')).toEqual([2, 'bad_request']);
  expect(failure('wait', 'brief/agent', '--for', 'x')).toEqual([2, 'bad_request']);
  expect(failure('wait', 'nobody', '--for', 'x')).toEqual([3, 'not_found']);
});
