/** What strangers and broken peers may cost a node (rules C2, C4, C5): garbage at its door, silence, frozen consumers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { Gate } from '../support/gate.ts';
import { type Client, Meshes, type TestNode, until } from '../support/meshes.ts';
import { Random } from '../support/random.ts';

const LOCAL = ['127.0.0.1:0'];
const meshes = new Meshes();
afterAll(() => meshes.end());

const portOf = (node: TestNode) => Number(node.mesh.addresses().addrs[0]?.split('/')[4]);

const said = (text: string) => Buffer.concat([Buffer.from([text.length + 1]), Buffer.from(`${text}\n`)]);

/** What a broken or hostile program might say at the port. */
function garbage(random: Random): Buffer {
  const noise = Buffer.concat([said('/multistream/1.0.0'), said('/noise')]);
  switch (random.int(0, 6)) {
    case 0:
      return Buffer.from(random.bytes(random.int(1, 400)));
    case 1:
      return Buffer.concat([said('/multistream/1.0.0'), said('/plaintext/2.0.0')]);
    case 2:
      return Buffer.concat([noise, Buffer.from(random.bytes(random.int(1, 400)))]);
    case 3:
      return Buffer.concat([
        noise,
        Buffer.from([0, 32]),
        Buffer.from(random.bytes(32)),
        Buffer.from(random.bytes(300)),
      ]);
    case 4:
      return Buffer.concat([noise, Buffer.from([0xff, 0xff]), Buffer.alloc(70_000, random.int(0, 255))]);
    case 5:
      // A length without end.
      return Buffer.alloc(2_000, 0xff);
    default:
      return Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  }
}

/** Says it, waits until the node closes, or goes away itself. */
async function sayTo(port: number, bytes: Buffer, patient: boolean): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.resume();
  socket.write(bytes);
  if (!patient) setTimeout(() => socket.destroy(), 5);
  await Promise.race([closed, sleep(200).then(() => socket.destroy())]);
}

test.concurrent('[F6] 2,000 strangers with garbage: the node lives, stays small, and serves who is honest', async () => {
  const a = await meshes.node({ listen: LOCAL });
  const b = await meshes.node();
  const client = await b.open(a.at());
  const random = new Random(11);
  const port = portOf(a);
  for (let i = 0; i < 100; i++) await sayTo(port, garbage(random), false);
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let left = 2_000;
  let worst = 0;
  const strangers = Array.from({ length: 16 }, async () => {
    while (left-- > 0) await sayTo(port, garbage(random), left % 40 === 0);
  });
  const honest = (async () => {
    while (left > 0) {
      worst = Math.max(worst, await client.echo(Buffer.from('still there')));
      await sleep(20);
    }
  })();
  await Promise.all([...strangers, honest]);
  expect(client.over).toBe(false);
  expect(worst).toBeLessThan(1_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20);
  // Once the flood is over, whoever is honest gets in.
  const late = await (await meshes.node()).open(a.at());
  await late.echo(Buffer.from('me too'));
}, 30_000);

test.concurrent('[C5] a stranger who opens no tunnel that is accepted is let go after ten seconds', async () => {
  const a = await meshes.node({ listen: LOCAL, incoming: () => undefined });
  const b = await meshes.node();
  const refused = await b.open(a.at());
  await refused.until(() => refused.over);
  const since = a.mesh.peers()[0]?.since;
  expect(since).toBeTypeOf('number');
  // It may come again, and has ten seconds again.
  await until('it is gone', () => a.mesh.peers()[0]?.since !== since, 13_000);
}, 20_000);

test.concurrent('[C4] a peer that falls silent is given up within ten seconds, when there is no other path', async () => {
  const a = await meshes.node({ listen: LOCAL });
  const b = await meshes.node();
  const gate = await Gate.to(portOf(a));
  try {
    // What it tells of itself leads nowhere, so that only the gate does.
    await a.mesh.configure({ listen: LOCAL, relays: [] });
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

test.concurrent('[C2] a frozen consumer among twenty holds up no other, and its sender keeps what it holds back', async () => {
  const a = await meshes.node({ listen: LOCAL });
  const b = await meshes.node();
  const clients = await Promise.all(Array.from({ length: 20 }, () => b.open(a.at())));
  await until('all arrived', () => a.arrived.length === 20);
  const frozen = a.arrived[0];
  if (frozen === undefined) throw new Error('nobody arrived');
  frozen.pipe.pause();
  const [victim, ...others] = clients as [Client, ...Client[]];
  const chunk = new Uint8Array(50_000).fill(7);
  for (let i = 0; i < 40; i++) victim.pipe.send(chunk);
  await Promise.all(
    others.map(async (client) => {
      for (let i = 0; i < 20; i++) client.pipe.send(chunk);
      await client.until(() => client.messages.length === 20);
    }),
  );
  expect(victim.messages).toEqual([]);
  expect(victim.pipe.buffered).toBe(2_000_000);
  frozen.pipe.resume();
  await victim.until(() => victim.messages.length === 40);
  await until('all is taken', () => victim.pipe.buffered === 0);
});

test.concurrent('[F6] strangers who prove a key and then talk garbage do not bring it down, and do not stay', async () => {
  const a = await meshes.node({ listen: LOCAL });
  const b = await meshes.node();
  const client = await b.open(a.at());
  const program = join(import.meta.dirname, '../support/hostile-peer.ts');
  const address = `${a.mesh.addresses().addrs[0]}/p2p/${a.mesh.id}`;
  const child = spawn(process.execPath, [program, address, '200', '3'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let got = '';
  child.stdout.on('data', (chunk) => {
    got += chunk;
  });
  const ended = once(child, 'exit');
  while (child.exitCode === null) {
    await client.echo(Buffer.from('still there'));
    await Promise.race([ended, sleep(50)]);
  }
  expect(Number(got)).toBeGreaterThan(100);
  await until('they are gone', () => a.mesh.peers().length === 1, 3_000);
  await (await (await meshes.node()).open(a.at())).echo(Buffer.from('me too'));
}, 30_000);

test.concurrent('[C5] one peer has a bounded number of connections', async () => {
  const a = await meshes.node({ listen: LOCAL });
  const home = meshes.home();
  // The same key in many processes, as a thief of it might run.
  const same = await Promise.all(Array.from({ length: 12 }, () => meshes.node({ home })));
  const opened = await Promise.allSettled(same.map((node) => node.open(a.at(), 2_000)));
  const got = opened.filter(({ status }) => status === 'fulfilled').length;
  expect(got).toBeGreaterThan(0);
  expect(got).toBeLessThanOrEqual(8);
});
