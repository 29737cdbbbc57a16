/** What strangers and broken peers may cost a node (rules C2, C5): silence, crowds, frozen consumers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pipe } from '@skein/node/mesh/api';
import { afterAll, expect, test } from 'vitest';
import { Client, Meshes, type TestNode, until } from '../support/meshes.ts';
import { RelaySite } from '../support/relay-site.ts';

const LOCAL = ['127.0.0.1:0'];
const meshes = new Meshes();
afterAll(() => meshes.end());

const portOf = (node: TestNode) => Number(node.mesh.addresses().addrs[0]?.split('/')[4]);

function echoing(pipe: Omit<Pipe, 'events'>): Client {
  const end = new Client();
  end.onMessage = (bytes) => pipe.send(bytes);
  return end;
}

test.concurrent('[C5] a stranger is let go after ten seconds, though its tunnels be served', async () => {
  const a = await meshes.node({ listen: LOCAL, knows: () => false });
  const b = await meshes.node();
  const served = await b.open(a.at());
  await served.echo(Buffer.from('let me in'));
  const since = a.mesh.peers()[0]?.since;
  expect(since).toBeTypeOf('number');
  // It may come again, and has ten seconds again.
  await until('it is gone', () => a.mesh.peers()[0]?.since !== since, 13_000);
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

test.concurrent('[C5] many who connect and say nothing keep nobody out who comes otherwise', async () => {
  const relay = await RelaySite.start();
  const silent: Socket[] = [];
  try {
    const a = await meshes.node({ listen: LOCAL, relays: [relay.url] });
    const b = await meshes.node({ relays: [relay.url] });
    await until('registered', () => [a, b].every(({ mesh }) => mesh.relays()[0]?.state === 'registered'));
    for (let i = 0; i < 300; i++) {
      const socket = connect(portOf(a), '127.0.0.1');
      socket.on('error', () => {});
      silent.push(socket);
    }
    await sleep(200);
    const client = await b.open({ peer: a.mesh.id, addrs: [], relays: [relay.url] }, 3_000);
    await client.echo(Buffer.from('here I am'));
  } finally {
    for (const socket of silent) socket.destroy();
    await relay.end();
  }
});

test.concurrent('[C5] strangers who take every place of theirs leave those of who is known', async () => {
  const friend = await meshes.node();
  const a = await meshes.node({
    listen: LOCAL,
    // As the gateway does, until they have shown a ticket or ten seconds are over.
    incoming: echoing,
    knows: (peer) => peer === friend.mesh.id,
  });
  const strangers = await Promise.all(Array.from({ length: 132 }, () => meshes.node()));
  const opened = await Promise.allSettled(strangers.map((node) => node.open(a.at(), 3_000)));
  expect(opened.some(({ status }) => status === 'rejected')).toBe(true);
  // The strangers go on trying meanwhile, all of them on this machine.
  const client = await friend.open(a.at(), 10_000);
  await client.echo(Buffer.from('here I am'));
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
