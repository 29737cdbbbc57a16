/** A host that lives and cannot be reached: nothing is said of its programs, and nothing done to them (rules H1, H4). */
import { rmSync } from 'node:fs';
import type { ListedSession } from '@skein/protocol/sessions/asks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { hostsOf } from './support/home.ts';
import { kill, lives } from './support/processes.ts';

let skein: Skein;
beforeAll(() => {
  skein = new Skein();
});
afterAll(() => skein.destroy());

test('[H1] [H4] a stopped host keeps its programs through a restart of the node, and is taken up again when it goes on', () => {
  skein.run('run', '-d', '--name', 'a', '--', 'cat');
  const [host] = hostsOf(skein.home);
  if (host === undefined) throw new Error('there is no host');
  const events = skein.json<{ type: string; body: { pid: number; start: string } }[]>('events', 'a');
  const program = events.find((event) => event.type === 'run.started')?.body;
  if (program === undefined) throw new Error('it was not started');
  kill(host.pid, 'SIGSTOP');
  try {
    kill(skein.json<{ pid: number }>('status').pid);
    const [session] = skein.json<ListedSession[]>('ls');
    expect(session?.state).toBe('running');
    expect(skein.try(['screen', 'a', '--json']).stderr).toContain('host_unavailable');
    expect(lives(program)).toBe(true);
  } finally {
    kill(host.pid, 'SIGCONT');
  }
  reached('a');
  expect(lives(program)).toBe(true);
});

test('[H1] a host whose socket was removed listens anew, and is taken up by the next node', () => {
  skein.run('run', '-d', '--name', 'b', '--', 'cat');
  for (const { socket } of hostsOf(skein.home)) rmSync(socket);
  kill(skein.json<{ pid: number }>('status').pid);
  reached('b');
});

/** What is typed comes out of its program, as soon as its host answers. */
function reached(name: string): void {
  const deadline = Date.now() + 15_000;
  while (skein.try(['send', name, 'still here', '--enter']).status !== 0 && Date.now() < deadline);
  expect(skein.run('screen', name)).toContain('still here');
}
