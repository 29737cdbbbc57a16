/** Relays as a node uses them: through proxies that pass only WebSockets, graceful restarts, admission, changes while it runs. */

import { once } from 'node:events';
import { copyFileSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestRelay, testRelay } from '@skein/relay/testing/relay';
import { afterEach, expect, test } from 'vitest';
import { FaultyLink } from '../support/faulty-link.ts';
import { Meshes, type TestNode, until } from '../support/meshes.ts';
import { Random } from '../support/random.ts';

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

const stateOf = (node: TestNode) => node.mesh.relays().map(({ state }) => state);
const registered = (...nodes: TestNode[]) =>
  until('registered', () => nodes.every((node) => stateOf(node).every((state) => state === 'registered')));

/** A proxy that knows WebSockets and no other upgrade, as many do; its port. */
async function webSocketProxy(port: number): Promise<{ port: number; upgrades: string[] }> {
  const upgrades: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => void response.writeHead(400).end('Bad Request'));
  server.on('upgrade', (request, socket, head) => {
    upgrades.push(`${request.url} ${request.headers.upgrade}`);
    const near = socket as Socket;
    sockets.add(near);
    near.on('error', () => {});
    if (request.headers.upgrade !== 'websocket')
      return void near.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 11\r\n\r\nBad Request');
    const far = connect(port, '127.0.0.1');
    far.on('error', () => near.destroy());
    const lines = [`GET ${request.url} HTTP/1.1`];
    for (let i = 0; i < request.rawHeaders.length; i += 2)
      lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
    far.write(`${lines.join('\r\n')}\r\n\r\n`);
    far.write(head);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, upgrades };
}

async function exchange(from: TestNode, to: TestNode): Promise<void> {
  const random = new Random(21);
  const client = await from.open(to.at());
  const sent = Array.from({ length: 40 }, () => Buffer.from(random.bytes(random.int(0, 200_000))));
  for (const message of sent) client.pipe.send(message);
  await client.until(() => client.messages.length === sent.length);
  expect(client.messages.every((got, i) => sent[i]?.equals(got))).toBe(true);
}

test('[R3] behind a proxy that passes only WebSockets, the splice is one; the other end stays raw', async () => {
  const { port, id, address } = await relay();
  const proxy = await webSocketProxy(port);
  const a = await meshes.node({ relays: [address] });
  const b = await meshes.node({ relays: [`ws://127.0.0.1:${proxy.port}/#${id}`] });
  await registered(a, b);
  await exchange(b, a);
  expect(proxy.upgrades).toEqual(['/control websocket', '/data skein-splice', '/data-ws websocket']);
  // And when it is called.
  const c = await meshes.node({ relays: [address] });
  await registered(c);
  await exchange(c, { ...b, at: () => ({ peer: b.mesh.id, addrs: [], relays: [address] }) });
  expect(proxy.upgrades.at(-1)).toBe('/data-ws websocket');
});

test('[R3] a graceful restart is waited out, and everybody is back', async () => {
  const first = await relay();
  const [a, b] = [
    await meshes.node({ relays: [first.address] }),
    await meshes.node({ relays: [first.address] }),
  ];
  await registered(a, b);
  const client = await b.open(a.at());
  await client.echo(Buffer.from('x'));
  await first.stop(0);
  await client.until(() => client.over);
  const again = await testRelay({ port: first.port, keyFile: `${first.dir}/key` });
  ends.push(() => again.end());
  const next = await b.open(a.at(), 20_000);
  await next.echo(Buffer.from('y'));
  await registered(a, b);
});

test('[R3] a relay that asks for an admission token admits the node that has it', async () => {
  const { url, address } = await relay({ admission: { token: 'a token of the keeper' } });
  const a = await meshes.node({ relays: [address] });
  await until('refused', () => stateOf(a)[0] === 'refused');
  expect(a.mesh.relays()[0]?.error).toContain('admits only');
  const b = await meshes.node();
  await b.mesh.configure({ listen: [], relays: [address], admissions: { [url]: 'a token of the keeper' } });
  await registered(b);
});

test('[R3] a token that is given later is used, and so is another in its place', async () => {
  const { url, address } = await relay({ admission: { token: 'a token of the keeper' } });
  const a = await meshes.node({ relays: [address] });
  await until('refused', () => stateOf(a)[0] === 'refused');
  const given = (token: string) =>
    a.mesh.configure({ listen: [], relays: [address], admissions: { [url]: token } });
  await given('a wrong token');
  await until('refused', () => stateOf(a)[0] === 'refused');
  await given('a token of the keeper');
  await registered(a);
});

test('relays change while it runs; what cannot be had changes nothing', async () => {
  const [one, two] = [await relay(), await relay()];
  const a = await meshes.node({ relays: [one.address] });
  await registered(a);
  await expect(a.mesh.configure({ listen: [], relays: ['http://nowhere'] })).rejects.toMatchObject({
    code: 'bad_relay_address',
  });
  expect(a.mesh.addresses().relays).toEqual([one.address]);
  await a.mesh.configure({ listen: ['127.0.0.1:0'], relays: [two.address] });
  await registered(a);
  expect(a.mesh.addresses()).toEqual({
    addrs: [expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+$/)],
    relays: [two.address],
  });
});

test('[C4] bits that flip on the way to the relay are no refusal: it is met again at once', async () => {
  const { port, id, address } = await relay();
  const link = await FaultyLink.open({ port }, new Random(3));
  ends.push(() => link.close());
  const a = await meshes.node({ relays: [address] });
  for (let n = 0; n < 6; n++) {
    const b = await meshes.node({ relays: [`ws://127.0.0.1:${link.port}/#${id}`] });
    await registered(a, b);
    for (let flips = 0; flips < 2; flips++) {
      link.bring('flip');
      // Less than what somebody who was refused waits for.
      const client = await b.open(a.at(), 3_500);
      await client.echo(Buffer.from('hello')).catch(() => {});
      client.pipe.close();
    }
    await b.mesh.stop();
  }
}, 60_000);

test('[R1] two nodes of one key, as from a copied home, are told so by both, and what to do', async () => {
  const { address } = await relay();
  const home = meshes.home();
  const node = await meshes.node({ home, relays: [address] });
  await registered(node);
  const copy = meshes.home();
  mkdirSync(join(copy, 'identity'), { mode: 0o700 });
  copyFileSync(join(node.identity.dir, 'key'), join(copy, 'identity', 'key'));
  const twin = await meshes.node({ home: copy, relays: [address] });
  await until('noticed', () => node.mesh.relays()[0]?.code === 'identity_unsafe');
  expect(node.mesh.relays()[0]?.error).toContain(join(node.identity.dir, 'key'));
  // It comes back at once when it looks for somebody, and then the other one is told.
  const somebody = {
    peer: '12D3KooWJC2szYqwtwLusry6fyByZqEv7CixLDi6LXgNWgtLMRyC',
    addrs: [],
    relays: [address],
  };
  const looking = node.open(somebody, 600_000).catch((error: Error) => error);
  await until('taken back', () => stateOf(node)[0] === 'registered' && stateOf(twin)[0] === 'connecting');
  for (const one of [node, twin])
    expect(one.mesh.relays()[0]).toMatchObject({
      code: 'identity_unsafe',
      error: expect.stringContaining('If this home was copied'),
    });
  await node.mesh.stop();
  expect(await looking).toBeInstanceOf(Error);
});
