/** Commands that wait for a program's end, while the node that they asked is restarted or killed (rules H1, K2). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
