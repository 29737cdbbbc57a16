/** A network that goes and comes back (rule C4), slow and with what was connected lost: how soon everything is whole again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { Gate, type GateState } from '../support/gate.ts';
import { type Client, Meshes, until } from '../support/meshes.ts';
import { RelaySite } from '../support/relay-site.ts';

/** Milliseconds each way. */
const DELAY = 25;
/** The target is 8 round trips and a second; what is beyond is for machines that do much else. */
const WHOLE_MS = 8 * 2 * DELAY + 1_000 + 1_000;

const meshes = new Meshes();
const sites: { end(): Promise<void> }[] = [];
afterAll(async () => {
  await meshes.end();
  for (const site of sites) await site.end();
});

test.concurrent.each<[GateState, number]>([
  ['frozen', 4_000],
  ['lost', 2_500],
  ['lost', 10_500],
  ['shut', 3_000],
])(
  '[C4] a relayed tunnel under a network that is %s for %d ms is whole soon after it is back',
  async (state, ms) => {
    const relay = await RelaySite.start();
    const url = new URL(relay.url);
    const gate = await Gate.to(Number(url.port));
    sites.push(relay, { end: () => gate.stop() });
    const a = await meshes.node({ relays: [relay.url] });
    const b = await meshes.node({ relays: [`ws://127.0.0.1:${gate.port}/${url.hash}`] });
    await until('registered', () =>
      [a, b].every(({ mesh }) => mesh.relays().every((one) => one.state === 'registered')),
    );
    gate.delay = DELAY;
    const address = a.at();
    const first = await b.open(address);
    await first.echo(Buffer.from('before'));
    gate.set(state);
    /** As the owner of a tunnel does: opens anew whenever it is closed, and sends. */
    const whole = (async () => {
      for (let client: Client = first; ; ) {
        try {
          if (client.over) client = await b.open(address, 30_000);
          await client.echo(Buffer.from('after'), 30_000);
          return performance.now();
        } catch {
          // Closed meanwhile.
        }
      }
    })();
    await sleep(ms);
    gate.set('open');
    const restored = performance.now();
    expect((await whole) - restored).toBeLessThan(WHOLE_MS);
  },
  30_000,
);

test.concurrent('[C4] a peer that falls silent is given up within ten seconds, when there is no other path', async () => {
  const a = await meshes.node({ listen: ['127.0.0.1:0'] });
  const b = await meshes.node();
  const gate = await Gate.to(Number(a.mesh.addresses().addrs[0]?.split('/')[4]));
  try {
    const client = await b.open({ peer: a.mesh.id, addrs: [`/ip4/127.0.0.1/tcp/${gate.port}`], relays: [] });
    await client.echo(Buffer.from('x'));
    const far = a.arrived[0]?.end as Client;
    gate.set('frozen');
    const began = performance.now();
    await far.until(() => far.over, 10_500);
    expect(far.overAt - began).toBeLessThan(10_000);
    expect(far.error).toMatchObject({ code: 'peer_lost' });
  } finally {
    await gate.stop();
  }
}, 20_000);

test.concurrent('[C4] who is looked for is back at its relay at once, though what served the tunnel gave up before its link did', async () => {
  const relay = await RelaySite.start();
  const gate = await Gate.to(relay.port);
  sites.push(relay, { end: () => gate.stop() });
  const a = await meshes.node({ relays: [`ws://127.0.0.1:${gate.port}/${new URL(relay.url).hash}`] });
  const b = await meshes.node();
  await until('registered', () => a.mesh.relays().every((one) => one.state === 'registered'));
  const address = { peer: a.mesh.id, addrs: [], relays: [relay.url] };
  await (await b.open(address)).echo(Buffer.from('before'));
  gate.set('lost');
  await sleep(6_000);
  a.arrived[0]?.pipe.close();
  await sleep(12_000);
  gate.set('open');
  const restored = performance.now();
  const again = await b.open(address, 20_000);
  await again.echo(Buffer.from('after'));
  expect(performance.now() - restored).toBeLessThan(WHOLE_MS);
}, 60_000);
