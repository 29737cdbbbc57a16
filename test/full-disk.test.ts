/** A disk on which nothing is left, not even what a node writes to start: what runs there can be ended all the same (rule H4). */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ListedSession, Status } from '@skein/protocol/sessions/asks';
import { afterEach, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { destroyHome, hostsOf, makeSmallHome } from './support/home.ts';
import { mounts, needs } from './support/needs.ts';
import { kill, lives, until } from './support/processes.ts';

const DISK_MIB = 24;

let skein: Skein;
let home: string;
afterEach(() => {
  destroyHome(home);
  skein.destroy();
});

function fill(): void {
  const fd = openSync(join(home, 'ballast'), 'a');
  try {
    for (;;) writeSync(fd, new Uint8Array(4096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(fd);
  }
}

interface Program {
  pid: number;
  start: string;
}

/** A session on that disk, whose program is not to be hung up on. */
function begin(): Program {
  skein = new Skein();
  home = makeSmallHome(DISK_MIB);
  skein.env.SKEIN_HOME = home;
  skein.run('run', '-d', '--name', 'stays', '--', 'sh', '-c', 'trap "" HUP; while :; do sleep 1; done');
  const [run = ''] = readdirSync(join(home, 'runs'));
  return JSON.parse(readFileSync(join(home, 'runs', run, 'run.json'), 'utf8'));
}

const states = () => skein.json<ListedSession[]>('ls').map(({ state }) => state);

needs(mounts)('a disk that is full', () => {
  test('[H4] [K5] what runs is ended where no node can start, and told of once there is room', async () => {
    const program = begin();
    kill(skein.json<Status>('status').pid);
    await until('the node is gone', () => {
      return !lives(JSON.parse(readFileSync(join(home, 'node.json'), 'utf8')) as Program);
    });
    fill();
    expect(skein.try(['ls'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('(storage_unavailable)'),
    });
    expect(lives(program)).toBe(true);
    expect(skein.json('down', '--kill')).toEqual({ stopped: false, pid: null, sessions: 1 });
    expect(lives(program)).toBe(false);
    rmSync(join(home, 'ballast'));
    expect(states()).toEqual(['exited']);
    skein.run('down', '--kill');
    expect(hostsOf(home).filter(lives)).toEqual([]);
    expect(existsSync(join(home, 'run/node.sock'))).toBe(false);
  });

  test('[H4] [K5] what fills the disk is ended by its name, and how is told once there is room', async () => {
    const program = begin();
    skein.run('run', '-d', '--name', 'hangs-up', '--', 'sleep', '1000');
    fill();
    expect(skein.try(['rename', 'stays', 'other'])).toMatchObject({ status: 1 });
    expect(skein.try(['kill', 'stays', '-s', 'USR2'])).toMatchObject({ status: 0, stdout: '' });
    const killed = skein.try(['kill', 'hangs-up']);
    expect(killed).toMatchObject({ status: 0, stderr: expect.stringContaining('nothing can be recorded') });
    expect(lives(program)).toBe(false);
    rmSync(join(home, 'ballast'));
    await until('how they ended is told', () => states().every((state) => state === 'exited'));
    expect(['stays', 'hangs-up'].map((name) => skein.try(['wait', name]).status)).toEqual([
      128 + 12,
      128 + 9,
    ]);
  });
});
