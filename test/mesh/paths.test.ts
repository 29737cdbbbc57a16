/** Paths between two nodes, with real connections and a real relay: direct, relayed, from one to the other, cut and back. */
import { afterEach, expect, test } from 'vitest';
import { Gate } from '../support/gate.ts';
import { Meshes, type TestNode, until } from '../support/meshes.ts';
import { Random } from '../support/random.ts';
import { RelaySite } from '../support/relay-site.ts';

const LOCAL = ['127.0.0.1:0'];
const meshes = new Meshes();
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  await meshes.end();
  for (const end of ends.splice(0)) await end();
});

async function relay(): Promise<RelaySite> {
  const started = await RelaySite.start();
  ends.push(() => started.end());
  return started;
}

async function gateTo(port: number): Promise<Gate> {
  const gate = await Gate.to(port);
  ends.push(() => gate.stop());
  return gate;
}

async function registered(...nodes: TestNode[]): Promise<void> {
  for (const { mesh } of nodes)
    await until('registered', () => mesh.relays().every(({ state }) => state === 'registered'));
}

function portOf(node: TestNode): number {
  return Number(node.mesh.addresses().addrs[0]?.split('/')[4]);
}

const pathOf = (node: TestNode, to: TestNode) => node.mesh.peers().find(({ peer }) => peer === to.mesh.id);

/** Sends messages of random sizes both ways at once, and checks that each comes back as it was. */
async function exchange(from: TestNode, to: TestNode, seed: number): Promise<void> {
  const random = new Random(seed);
  const client = await from.open(to.at());
  const sent = Array.from({ length: 60 }, () =>
    Buffer.from(random.bytes(random.chance(0.1) ? random.int(100_000, 1_048_576) : random.int(0, 5_000))),
  );
  for (const message of sent) client.pipe.send(message);
  await client.until(() => client.messages.length === sent.length, 20_000);
  expect(client.messages.every((got, i) => sent[i]?.equals(got))).toBe(true);
  client.pipe.close();
}

test('[M1] messages of random sizes pass both ways directly, and the far end is who it says it is', async () => {
  const [a, b] = [await meshes.node({ listen: LOCAL }), await meshes.node({ listen: LOCAL })];
  await exchange(b, a, 1);
  expect(a.arrived[0]?.pipe.peer).toBe(b.mesh.id);
  expect(pathOf(b, a)).toMatchObject({ path: 'direct', wanted: true });
  // The other way round, over the same connection.
  await exchange(a, { ...b, at: () => ({ peer: b.mesh.id, addrs: [], relays: [] }) }, 2);
});

test('[M1] and so they do through a relay', async () => {
  const { url } = await relay();
  const [a, b] = [await meshes.node({ relays: [url] }), await meshes.node({ relays: [url] })];
  await registered(a, b);
  await exchange(b, a, 3);
  expect(a.arrived[0]?.pipe.peer).toBe(b.mesh.id);
  expect(pathOf(b, a)).toMatchObject({ path: 'relayed', via: url.split('/#')[0] });
  expect(pathOf(a, b)).toMatchObject({ path: 'relayed', via: url.split('/#')[0] });
});

test('[M5] a node without relays of its own dials through the one that a ticket names', async () => {
  const { url } = await relay();
  const a = await meshes.node({ relays: [url] });
  const b = await meshes.node();
  await registered(a);
  await exchange(b, a, 4);
  expect(b.mesh.relays()).toEqual([]);
});

test('[M5] a direct path is taken as soon as there is one, and left when it goes', async () => {
  const { url } = await relay();
  const [a, b] = [await meshes.node({ relays: [url] }), await meshes.node({ relays: [url] })];
  await registered(a, b);
  const first = await b.open(a.at());
  await first.echo(Buffer.from('relayed'));
  expect(pathOf(b, a)?.path).toBe('relayed');
  // A route appears, and the far end tells.
  await a.mesh.configure({ listen: LOCAL, relays: [url] });
  await first.until(() => first.over, 5_000);
  expect(first.error).toMatchObject({ code: 'moved' });
  const second = await b.open(a.at());
  await second.echo(Buffer.from('direct'));
  expect(pathOf(b, a)?.path).toBe('direct');
  // It goes.
  await a.mesh.configure({ listen: [], relays: [url] });
  await second.until(() => second.over, 5_000);
  expect(second.error).toMatchObject({ code: 'peer_lost' });
  const began = performance.now();
  const third = await b.open(a.at());
  await third.echo(Buffer.from('relayed again'));
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(pathOf(b, a)?.path).toBe('relayed');
});

test('[M5] both ends move: tunnels that the other end opened go along', async () => {
  const { url } = await relay();
  const [a, b] = [await meshes.node({ relays: [url] }), await meshes.node({ relays: [url] })];
  await registered(a, b);
  const there = await b.open(a.at());
  const back = await a.open(b.at());
  await Promise.all([there.echo(Buffer.from('1')), back.echo(Buffer.from('2'))]);
  await a.mesh.configure({ listen: LOCAL, relays: [url] });
  await Promise.all([there.until(() => there.over, 5_000), back.until(() => back.over, 5_000)]);
  expect([there.error?.code, back.error?.code]).toEqual(['moved', 'moved']);
  const again = await a.open(b.at());
  await again.echo(Buffer.from('3'));
  expect(pathOf(a, b)?.path).toBe('direct');
});

test('[M5] two relays, one killed: the tunnel goes on over the other within five seconds', async () => {
  const [one, two] = [await relay(), await relay()];
  const relays = [one.url, two.url];
  const [a, b] = [await meshes.node({ relays }), await meshes.node({ relays })];
  await registered(a, b);
  const address = a.at();
  const client = await b.open(address);
  await client.echo(Buffer.from('x'));
  const via = pathOf(b, a)?.via;
  const killed = one.url.startsWith(via as string) ? one : two;
  await killed.kill();
  const began = performance.now();
  await client.until(() => client.over, 5_000);
  const next = await b.open(address);
  await next.echo(Buffer.from('y'));
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(pathOf(b, a)?.via).not.toBe(via);
});

test('[C4] a relay that was killed and comes back is registered with again', async () => {
  const one = await relay();
  const [a, b] = [await meshes.node({ relays: [one.url] }), await meshes.node({ relays: [one.url] })];
  await registered(a, b);
  const client = await b.open(a.at());
  await client.echo(Buffer.from('x'));
  const address = a.at();
  await one.kill();
  await client.until(() => client.over, 5_000);
  const waiting = b.open(address, 20_000);
  await until('it is missed', () => b.mesh.relays()[0]?.state === 'connecting');
  await one.start();
  const began = performance.now();
  const next = await waiting;
  await next.echo(Buffer.from('y'));
  // Somebody waits at one end, and the other was looked for a moment ago: both hurry.
  expect(performance.now() - began).toBeLessThan(3_000);
});

test('[C4] a path that freezes is found out, and left for another before it is given up', async () => {
  const { url } = await relay();
  const a = await meshes.node({ listen: LOCAL, relays: [url] });
  const b = await meshes.node({ relays: [url] });
  await registered(a, b);
  const gate = await gateTo(portOf(a));
  const address = { ...a.at(), addrs: [`/ip4/127.0.0.1/tcp/${gate.port}`] };
  const client = await b.open(address);
  await client.echo(Buffer.from('x'));
  expect(pathOf(b, a)?.path).toBe('direct');
  gate.set('frozen');
  const began = performance.now();
  client.pipe.send(Buffer.from('lost'));
  await client.until(() => client.over, 10_000);
  expect(performance.now() - began).toBeLessThan(10_000);
  const next = await b.open(address);
  await next.echo(Buffer.from('y'));
});

test('[C4] while somebody waits, a link that is restored is used within a second', async () => {
  const a = await meshes.node({ listen: LOCAL });
  const b = await meshes.node();
  const gate = await gateTo(portOf(a));
  gate.set('shut');
  const address = { peer: a.mesh.id, addrs: [`/ip4/127.0.0.1/tcp/${gate.port}`], relays: [] };
  const waiting = b.open(address, 20_000);
  await until('it was tried', () => gate.connections > 2);
  gate.set('open');
  const began = performance.now();
  const client = await waiting;
  await client.echo(Buffer.from('x'));
  expect(performance.now() - began).toBeLessThan(1_500);
});

test('who cannot be reached is said to be so, with what was tried and why', async () => {
  const { url } = await relay();
  const b = await meshes.node({ relays: [url] });
  await registered(b);
  const a = await meshes.node({ listen: LOCAL });
  const stranger = { peer: a.mesh.id, addrs: ['/ip4/127.0.0.1/tcp/1'], relays: [url] };
  const began = performance.now();
  await expect(b.open(stranger, 1_000)).rejects.toMatchObject({
    code: 'peer_unreachable',
    data: {
      ways: [
        { way: '/ip4/127.0.0.1/tcp/1', kind: 'direct', why: expect.stringContaining('ECONNREFUSED') },
        { way: url.split('/#')[0], kind: 'relayed', why: expect.stringContaining('not registered') },
      ],
    },
  });
  expect(performance.now() - began).toBeGreaterThan(900);
});

test('a waiting open ends when its signal does', async () => {
  const b = await meshes.node();
  const a = await meshes.node();
  const aborted = new AbortController();
  const events = { message() {}, closed() {} };
  const waiting = b.mesh.open(a.at(), { wait: 20_000, signal: aborted.signal, events });
  aborted.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

test('[M2] cutting a peer ends what runs, at once, at both ends', async () => {
  const [a, b] = [await meshes.node({ listen: LOCAL }), await meshes.node()];
  const client = await b.open(a.at());
  await client.echo(Buffer.from('x'));
  const far = a.arrived[0]?.end;
  const began = performance.now();
  a.mesh.cut(b.mesh.id, 'revoked');
  await Promise.all([client.until(() => client.over, 1_000), far?.until(() => far.over, 1_000)]);
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(far?.error).toMatchObject({ code: 'peer_cut', message: 'revoked' });
  expect(client.error).toMatchObject({ code: 'peer_cut', message: 'revoked' });
  await until('the connection is gone', () => a.mesh.peers().every(({ path }) => path === 'none'), 2_000);
});

test('[C5] a blocked peer is not let in, and a refused pipe is told so', async () => {
  const blocked = new Set<string>();
  const a = await meshes.node({
    listen: LOCAL,
    admit: (peer) => !blocked.has(peer),
    incoming: () => undefined,
  });
  const b = await meshes.node();
  const refused = await b.open(a.at());
  await refused.until(() => refused.over);
  expect(refused.error).toMatchObject({ code: 'not_allowed' });
  blocked.add(b.mesh.id);
  a.mesh.cut(b.mesh.id, 'blocked');
  await until('it is cut', () => b.mesh.peers().every(({ path }) => path === 'none'));
  await expect(b.open(a.at(), 1_500)).rejects.toMatchObject({
    code: 'peer_unreachable',
    data: { ways: [{ kind: 'direct', why: 'it hung up' }] },
  });
  expect(a.mesh.peers().filter(({ path }) => path !== 'none')).toEqual([]);
});
