/** A home that is moved, removed or emptied under its node: that one ends, and no other ever has the log together with it. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ListedSession, Status } from '@skein/protocol/sessions/asks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { hostsOf } from './support/home.ts';
import { kill, lives, until } from './support/processes.ts';

let skein: Skein;
let first: { pid: number; start: string };
/** Hosts whose home is not where it was. */
let hosts: ReturnType<typeof hostsOf>;

beforeEach(() => {
  skein = new Skein();
  skein.run('run', '-d', '--name', 'kept', '--', 'cat');
  first = JSON.parse(readFileSync(join(skein.home, 'node.json'), 'utf8'));
  hosts = hostsOf(skein.home);
});
afterEach(() => {
  if (lives(first)) kill(first.pid);
  for (const host of hosts) if (lives(host)) kill(host.pid);
  skein.destroy();
});

const names = () => skein.json<ListedSession[]>('ls').map(({ name }) => name);

test('[L8] in a home that was removed and made anew only the new node is, and nothing of it is touched by the old', async () => {
  rmSync(skein.home, { recursive: true });
  mkdirSync(skein.home, { mode: 0o700 });
  skein.run('run', '-d', '--name', 'new', '--', 'cat');
  const { pid } = skein.json<Status>('status');
  expect(pid).not.toBe(first.pid);
  const socket = join(skein.home, 'run/node.sock');
  await until('the old node ends', () => !lives(first), 15_000);
  expect(existsSync(socket)).toBe(true);
  expect(skein.json<Status>('status').pid).toBe(pid);
  expect(names()).toEqual(['new']);
});

test('[L8] a node that is told to end when its home is another’s leaves that one alone', async () => {
  rmSync(skein.home, { recursive: true });
  mkdirSync(skein.home, { mode: 0o700 });
  const { pid } = skein.json<Status>('status');
  kill(first.pid, 'SIGTERM');
  await until('the old node ends', () => !lives(first));
  expect(JSON.parse(readFileSync(join(skein.home, 'node.json'), 'utf8'))).toMatchObject({ pid });
  expect(skein.json<Status>('status').pid).toBe(pid);
});

test('[L8] where the lock and the socket were removed, the next node waits until the first has ended', () => {
  rmSync(join(skein.home, 'node.lock'));
  rmSync(join(skein.home, 'run/node.sock'));
  expect(names()).toEqual(['kept']);
  expect(skein.json<Status>('status').pid).not.toBe(first.pid);
  expect(lives(first)).toBe(false);
});

test('[H1] [L8] a home that was moved has its sessions where it is then', async () => {
  const moved = `${skein.home}2`;
  renameSync(skein.home, moved);
  try {
    await until('the old node ends', () => !lives(first), 15_000);
    const { stdout, stderr } = skein.try(['--home', moved, 'send', 'kept', 'typed', '--enter']);
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
    const screen = () => skein.try(['--home', moved, 'screen', 'kept']).stdout;
    await until('the program answers', () => screen().includes('typed'));
  } finally {
    renameSync(moved, skein.home);
  }
});
