/** Relays that a peer names (rules R3, C5): they are tried, and take nothing from those that this node has of its own. */
import { afterAll, expect, test } from 'vitest';
import { Gate } from '../support/gate.ts';
import { Meshes, until } from '../support/meshes.ts';
import { RelaySite } from '../support/relay-site.ts';

const meshes = new Meshes();
afterAll(() => meshes.end());

const isRegistered = (node: Awaited<ReturnType<Meshes['node']>>) =>
  node.mesh.relays().every(({ state }) => state === 'registered');

test('[R3] another way to its own relay, which a peer names, does not take the place of its own', async () => {
  const relay = await RelaySite.start();
  const [own, other] = await Promise.all([Gate.to(relay.port), Gate.to(relay.port)]);
  try {
    const a = await meshes.node({ relays: [`ws://127.0.0.1:${own.port}/${new URL(relay.url).hash}`] });
    const [b, peer] = await Promise.all([
      meshes.node({ relays: [relay.url] }),
      meshes.node({ relays: [relay.url] }),
    ]);
    for (const node of [a, b, peer]) await until('it is registered', () => isRegistered(node));
    own.set('shut');
    await until('its own way is gone', () => !isRegistered(a), 15_000);
    const named = [`ws://127.0.0.1:${other.port}`];
    await a.open({ peer: peer.mesh.id, addrs: [], relays: named }, 3_000).catch(() => {});
    own.set('open');
    await until('it is registered again', () => isRegistered(a), 20_000);
    const client = await b.open({ peer: a.mesh.id, addrs: [], relays: [relay.url] });
    await client.echo(Buffer.from('here you are'));
  } finally {
    await Promise.all([own.stop(), other.stop()]);
    await relay.end();
  }
}, 60_000);

test('[C5] however many relays a peer names, those of other peers are tried', async () => {
  const relay = await RelaySite.start();
  try {
    const a = await meshes.node();
    const b = await meshes.node({ relays: [relay.url] });
    const peer = b.mesh.id;
    await until('it is registered', () => isRegistered(b));
    // Nobody listens at any of these, and each peer's are kept apart.
    for (let n = 0; n < 6; n++) {
      const relays = Array.from({ length: 8 }, (_, i) => `ws://127.0.0.1:9/${n}/${i}`);
      const nobody = (await meshes.node()).mesh.id;
      await expect(a.open({ peer: nobody, addrs: [], relays }, 300)).rejects.toThrow();
    }
    const client = await a.open({ peer, addrs: [], relays: [relay.url] }, 10_000);
    await client.echo(Buffer.from('here you are'));
  } finally {
    await relay.end();
  }
}, 40_000);

test('[C5] a false way to a relay, which one peer names, keeps nobody from the true one', async () => {
  const relay = await RelaySite.start();
  try {
    const { hash } = new URL(relay.url);
    const a = await meshes.node();
    const b = await meshes.node({ relays: [relay.url] });
    await until('it is registered', () => isRegistered(b));
    const liar = (await meshes.node()).mesh.id;
    const lie = { peer: liar, addrs: [], relays: [`ws://127.0.0.1:9/${hash}`] };
    await expect(a.open(lie, 1_000)).rejects.toThrow();
    const client = await a.open({ peer: b.mesh.id, addrs: [], relays: [relay.url] }, 10_000);
    await client.echo(Buffer.from('here you are'));
  } finally {
    await relay.end();
  }
}, 40_000);

test('[R3] a relay that cannot be reached by its own way is reached by the one that a peer names', async () => {
  const relay = await RelaySite.start();
  try {
    const { hash } = new URL(relay.url);
    const a = await meshes.node({ relays: [`ws://127.0.0.1:9/${hash}`] });
    const b = await meshes.node({ relays: [relay.url] });
    await until('it is registered', () => isRegistered(b));
    const client = await a.open({ peer: b.mesh.id, addrs: [], relays: [relay.url] }, 10_000);
    await client.echo(Buffer.from('here you are'));
  } finally {
    await relay.end();
  }
}, 40_000);
