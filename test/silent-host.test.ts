/** A host that lives and does not answer: nothing is said of its programs, and nothing done to them (rules H1, H4). */
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
  const deadline = Date.now() + 15_000;
  while (skein.try(['send', 'a', 'still here', '--enter']).status !== 0 && Date.now() < deadline);
  expect(skein.run('screen', 'a')).toContain('still here');
  expect(lives(program)).toBe(true);
});
