/** A place where a mesh cannot listen just now (rules M5, R3): told, tried again, and in the way of nothing else. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { Meshes, until } from '../support/meshes.ts';
import { RelaySite } from '../support/relay-site.ts';

const meshes = new Meshes();
const ends: (() => unknown)[] = [];
afterAll(async () => {
  await meshes.end();
  for (const end of ends) await end();
});

/** A port of this machine that somebody else has. */
async function takenPort(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  ends.push(() => server.close());
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

test('[M5] a place that cannot be had at the start keeps nobody from coming by relay or elsewhere, and is had when it can be', async () => {
  const relay = await RelaySite.start();
  ends.push(() => relay.end());
  const { server, port } = await takenPort();
  const places = [`127.0.0.1:${port}`, '203.0.113.7:7001', 'nowhere at all', '127.0.0.1:0'];
  const a = await meshes.node({ listen: places, relays: [relay.url] });
  expect(a.mesh.notListening()).toEqual([
    expect.stringMatching(/^The port of 127\.0\.0\.1:\d+ is taken/),
    '203.0.113.7:7001 is no address of this machine.',
    expect.stringContaining('is nowhere to listen'),
  ]);
  expect(a.mesh.addresses().addrs).toHaveLength(1);
  await until('it is registered', () => a.mesh.relays()[0]?.state === 'registered');
  const b = await meshes.node();
  const client = await b.open({ peer: a.mesh.id, addrs: [], relays: [relay.url] });
  await client.echo(Buffer.from('by relay'));
  server.close();
  const place = `/ip4/127.0.0.1/tcp/${port}`;
  await until('it listens there', () => a.mesh.addresses().addrs.includes(place));
  expect(a.mesh.notListening()).toHaveLength(2);
  const direct = await (await meshes.node()).open({ peer: a.mesh.id, addrs: [place], relays: [] });
  await direct.echo(Buffer.from('directly'));
  // Who is connected is told, and comes by the better way.
  await until('b has come directly', () => b.mesh.peers()[0]?.path === 'direct');
}, 30_000);

test('[M5] a place that cannot be had while it runs keeps no relay from being added, and is tried no more once it is not wanted', async () => {
  const relay = await RelaySite.start();
  ends.push(() => relay.end());
  const { server, port } = await takenPort();
  const a = await meshes.node({ listen: ['127.0.0.1:0'] });
  const listen = [`127.0.0.1:${port}`];
  await a.mesh.configure({ listen, relays: [] });
  expect(a.mesh.addresses().addrs).toEqual([]);
  await a.mesh.configure({ listen, relays: [relay.url] });
  await until('it is registered', () => a.mesh.relays()[0]?.state === 'registered');
  server.close();
  // The same once more is tried at once.
  await a.mesh.configure({ listen, relays: [relay.url] });
  expect(a.mesh.addresses().addrs).toEqual([`/ip4/127.0.0.1/tcp/${port}`]);
  await a.mesh.configure({ listen: [], relays: [relay.url] });
  expect([a.mesh.addresses().addrs, a.mesh.notListening()]).toEqual([[], []]);
}, 30_000);
