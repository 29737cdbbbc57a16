/** Relays that will not have a node: whoever waits only to be told so is told, at once and what the relay says. */
import { type TestRelay, testRelay } from '@skein/relay/testing/relay';
import { afterEach, expect, test } from 'vitest';
import { Meshes, type TestNode, until } from '../support/meshes.ts';

const meshes = new Meshes();
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  await meshes.end();
  for (const end of ends.splice(0)) await end();
});

async function relay(options: Parameters<typeof testRelay>[0] = {}): Promise<TestRelay> {
  const started = await testRelay(options);
  ends.push(() => started.end());
  return started;
}

const PEER = '12D3KooWJC2szYqwtwLusry6fyByZqEv7CixLDi6LXgNWgtLMRyC';
const events = { message() {}, closed() {} };
/** Far longer than a test lasts: what comes, comes before the time is over. */
const opening = (from: TestNode, relays: string[], addrs: string[] = []) =>
  from.mesh.open({ peer: PEER, addrs, relays }, { wait: 600_000, events, unlessRefused: true });

test('[R3] a relay that asks for a token refuses a guest at once, in its own words', async () => {
  const { address } = await relay({ admission: { token: 'a token of the keeper' } });
  const guest = await meshes.node();
  await expect(opening(guest, [address])).rejects.toThrow('admits only those that its keeper has let in');
});

test('[R3] so does one that is full, though the node also fails to be found directly', async () => {
  const { address } = await relay({ quotas: { nodes: 1 } });
  const first = await meshes.node({ relays: [address] });
  await until('registered', () => first.mesh.relays()[0]?.state === 'registered');
  const guest = await meshes.node();
  await expect(opening(guest, [address], ['/ip4/127.0.0.1/tcp/1'])).rejects.toThrow('takes 1 nodes');
});

test('[R3] while another relay has let the node in, it is waited for', async () => {
  const [closed, open] = [await relay({ admission: { token: 'a token of the keeper' } }), await relay()];
  const target = await meshes.node();
  const guest = await meshes.node();
  const relays = [closed.address, open.address];
  const opened = guest.mesh.open(
    { peer: target.mesh.id, addrs: [], relays },
    { wait: 60_000, events, unlessRefused: true },
  );
  for (let told = ''; !told.includes('"not_admitted"'); )
    told = await (await fetch(`http://127.0.0.1:${closed.port}/metrics`)).text();
  await target.mesh.configure({ listen: [], relays: [open.address] });
  (await opened).close();
});

test('[R3] what was refused before is asked anew', async () => {
  const { address } = await relay({ quotas: { nodes: 2 } });
  const [target, other] = [
    await meshes.node({ relays: [address] }),
    await meshes.node({ relays: [address] }),
  ];
  const registered = () => [target, other].every(({ mesh }) => mesh.relays()[0]?.state === 'registered');
  await until('registered', registered);
  const guest = await meshes.node();
  await expect(opening(guest, [address])).rejects.toThrow('takes 2 nodes');
  await other.mesh.configure({ listen: [], relays: [] });
  const opened = await guest.mesh.open(
    { peer: target.mesh.id, addrs: [], relays: [address] },
    { wait: 20_000, events, unlessRefused: true },
  );
  opened.close();
}, 30_000);
