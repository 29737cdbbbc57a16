/** Commands that wait for a program's end, while the node that they asked is restarted or killed (rules H1, K2). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { kill, until } from './support/processes.ts';

let skein: Skein;
beforeAll(() => {
  skein = new Skein();
});
afterAll(() => skein.destroy());

const running = (name: string) =>
  until(`${name} runs`, () => {
    const all = skein.json<{ name: string; state: string }[]>('ls');
    return all.some((one) => one.name === name && one.state === 'running');
  });

/** A program that goes on until a file is there. */
const until3 = (file: string) => ['sh', '-c', `while ! test -e '${file}'; do sleep 0.1; done; exit 3`];

test('[H1] run without a terminal ends as its program does, though the node was restarted meanwhile', async () => {
  const file = join(skein.home, 'restarted');
  const ended = skein.later(['run', '--name', 'one', '--', ...until3(file)]);
  await running('one');
  skein.run('restart');
  writeFileSync(file, '');
  expect(await ended).toMatchObject({ status: 3, stderr: '' });
});

test('[H1] and though it was killed, and nobody has started it again', async () => {
  const file = join(skein.home, 'killed');
  const ended = skein.later(['run', '--name', 'two', '--', ...until3(file)]);
  await running('two');
  kill(skein.json<{ pid: number }>('status').pid);
  writeFileSync(file, '');
  expect(await ended).toMatchObject({ status: 3, stderr: '' });
});

test('[K2] stop waits for the end that the next node brings', async () => {
  skein.run(
    'run',
    '-d',
    '--name',
    'deaf',
    '--',
    'sh',
    '-c',
    "trap '' HUP; echo deaf; while :; do sleep 0.1; done",
  );
  await until('it is deaf', () => skein.run('output', 'deaf').includes('deaf'));
  const stopped = skein.later(['stop', 'deaf', '--grace', '4', '--json']);
  await until('it was told', () => skein.run('events', 'deaf').includes('run.signal'));
  skein.run('restart');
  const { status, stdout, stderr } = await stopped;
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject([{ name: 'deaf', signal: 9 }]);
});

/** What the program printed, by what a command has told of it. */
const textOf = {
  output: (all: string) => all,
  'output --json': (all: string) => Buffer.from(JSON.parse(all).data, 'base64').toString(),
  export: (all: string) => {
    const lines = all
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return lines.map(({ kind, text: piece }) => (kind === 'output' ? piece : '')).join('');
  },
};

test.each(Object.keys(textOf))(
  '[C4] %s goes on where it was when the node is restarted under a slow reader',
  async (words) => {
    const name = words.replace(/\W+/g, '-');
    skein.run('run', '-d', '--name', name, '--', 'sh', '-c', 'seq 1 300000');
    skein.run('wait', name);
    const child = spawn(...skein.words(...words.split(' '), name), {
      env: skein.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const stderr = text(child.stderr);
    await once(child.stdout, 'readable');
    const first = (child.stdout.read() as Buffer).toString();
    skein.run('restart');
    const all = first + (await text(child.stdout));
    expect([await ended, await stderr]).toEqual([0, '']);
    const printed = textOf[words as keyof typeof textOf](all);
    expect(printed.split('\r\n').slice(0, -1)).toEqual(
      Array.from({ length: 300_000 }, (_, n) => String(n + 1)),
    );
  },
);
