/** The checks of tasks, when the node that runs them is killed or stopped (rules N3, K4). */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { kill, until, withEnvironment } from './support/processes.ts';

let skein: Skein;
let work: string;
let task = '';
beforeEach(() => {
  skein = new Skein();
  work = join(skein.home, '..', 'work');
  mkdirSync(work);
  defineFake(skein.home);
  skein.run('run', '-d', '-C', work, '--name', 'api', 'fake');
});
afterEach(() => {
  for (const pid of withEnvironment('SKEIN_TASK', task)) kill(pid);
  skein.destroy();
});

/** Adds a task whose check says who it is, and goes on until a file is there; no signal ends it that can be ignored. */
function checked(): void {
  const check = "trap '' HUP TERM; echo $$ >> began; while ! test -e ended; do sleep 0.1; done";
  task = skein.json<{ task: string }>('task', 'add', '--check', check, 'do it').task;
}

const began = () =>
  existsSync(join(work, 'began'))
    ? readFileSync(join(work, 'began'), 'utf8').trim().split('\n').map(Number)
    : [];
const running = () => {
  const all = withEnvironment('SKEIN_TASK', task);
  return began().filter((pid) => all.includes(pid));
};

test.skipIf(process.platform !== 'linux')(
  '[N3] [K4] a check is run by one node at a time, and not left behind by one that is killed',
  async () => {
    checked();
    await until('it is checked', () => began().length === 1);
    kill(skein.json<{ pid: number }>('status').pid);
    skein.run('up');
    await until('it is checked anew', () => began().length === 2);
    expect(running()).toEqual(began().slice(1));
    writeFileSync(join(work, 'ended'), '');
    const done = () => skein.json<{ tasks: { state: string }[] }>('task', 'ls').tasks[0]?.state === 'done';
    await until('it is done', done);
    expect(running()).toEqual([]);
  },
);

test.skipIf(process.platform !== 'linux')(
  '[N3] a check ends with its node, whatever it does about it',
  async () => {
    checked();
    await until('it is checked', () => began().length === 1);
    const [pid] = began();
    expect(running()).toEqual([pid]);
    skein.run('down', '--kill');
    await until('it is gone', () => running().length === 0);
  },
);
