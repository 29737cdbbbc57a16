/** Output of a session on another node: all of it, whatever its size, and followed through a cut (rules M4, C2, C4). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from '../support/cli.ts';
import { CountedOutput } from '../support/counted.ts';
import { Follower } from '../support/follower.ts';
import { kill, until } from '../support/processes.ts';
import { RelaySite } from '../support/relay-site.ts';
import { counting } from '../support/sessions.ts';

const LINES = 100_000;

let alice: Skein;
let bob: Skein;
let relay: RelaySite;

beforeAll(async () => {
  alice = new Skein();
  bob = new Skein();
  relay = await RelaySite.start();
  alice.run('mesh', '--name', 'alpha', '--relay', relay.url);
});
afterAll(async () => {
  alice.destroy();
  bob.destroy();
  await relay.end();
});

function shared(name: string, argv: readonly string[]): string {
  alice.run('run', '-d', '--name', name, '--', ...argv);
  const words = ['--role', 'viewer', '--history', 'all'];
  const { ticket } = alice.json<{ ticket: string }>('share', name, ...words);
  const { stdout } = bob.try(['join', '-', '--json'], { input: ticket });
  return (JSON.parse(stdout) as { ref: string }).ref;
}

test('[M4] [C2] output far larger than a window comes whole', async () => {
  const ref = shared('flood', ['sh', '-c', `seq 1 ${LINES}; exec sleep 3600`]);
  const here = () => alice.run('output', 'flood');
  await until('it has been printed', () => here().endsWith(`\n${LINES}\r\n`));
  const there = bob.run('output', ref);
  expect(there === here()).toBe(true);
  const { data } = bob.json<{ data: string }>('output', ref, '--from', '400000');
  expect(Buffer.from(data, 'base64').toString()).toBe(there.slice(400_000));
});

test('[C4] a follower goes on where it was when relay or node are back, and nothing is missed or told twice', async () => {
  const ref = shared('count', counting(0.01));
  const counted = new CountedOutput();
  const follower = new Follower(bob, ['output', ref, '--follow'], (bytes) => counted.take(bytes));
  await until('it follows', () => counted.next > 20);
  await relay.kill();
  await relay.start();
  const goesOn = async () => {
    const before = counted.next;
    await until('it goes on', () => counted.next > before + 100);
  };
  await goesOn();
  for (const skein of [bob, bob, bob, alice]) {
    kill(skein.json<{ pid: number }>('status').pid);
    skein.run('up');
    await goesOn();
  }
  expect([follower.running, follower.errors, counted.problems]).toEqual([true, '', []]);
  await follower.stop();
});
