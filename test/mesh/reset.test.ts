/** A peer that says a great deal in small frames and is gone in the middle of it (rules C2, C5): the node lives, and knows it. */
import { setImmediate as turn } from 'node:timers/promises';
import { openIdentity } from '@skein/node/mesh/identity';
import { Core } from '@skein/node/mesh/libp2p/libp2p';
import { encodeFrame } from '@skein/node/mesh/tunnels/frames';
import { afterAll, expect, test } from 'vitest';
import { Gate } from '../support/gate.ts';
import { Meshes, until } from '../support/meshes.ts';

type Connection = Parameters<Core['openStream']>[0];

const meshes = new Meshes();
afterAll(() => meshes.end());

const HELLO = encodeFrame({ type: 'hello', versions: [1], addrs: [], relays: [] });
const PINGS = Buffer.concat(Array.from({ length: 60_000 }, (_, n) => encodeFrame({ type: 'ping', n })));

test('[C5] its connection is reset while its frames wait for their turn', async () => {
  const a = await meshes.node({ listen: ['127.0.0.1:0'] });
  const port = Number(a.mesh.addresses().addrs[0]?.split('/')[4]);
  for (let round = 0; round < 12; round++) {
    const came = Promise.withResolvers<Connection>();
    const core = await Core.start(openIdentity(meshes.home()), {
      admit: () => true,
      connected: came.resolve,
      stream: (stream) => stream.abort(new Error('no')),
    });
    const gate = await Gate.to(port);
    await core.dial(`/ip4/127.0.0.1/tcp/${gate.port}`, a.mesh.id, AbortSignal.timeout(5_000), () => {});
    const stream = await core.openStream(await came.promise);
    stream.listen({ data() {}, drained() {}, closed() {} });
    stream.send(HELLO);
    await until('it is there', () => a.mesh.peers().some(({ path }) => path === 'direct'));
    for (let at = 0; at < PINGS.length; at += 60_000) stream.send(PINGS.subarray(at, at + 60_000));
    for (let n = 0; n < round * 4; n++) await turn();
    await gate.stop();
    await until('it is known to be gone', () => a.mesh.peers().every(({ path }) => path === 'none'), 15_000);
    await core.stop();
  }
  const client = await (await meshes.node()).open(a.at());
  expect(await client.echo(Buffer.from('still there'))).toBeGreaterThanOrEqual(0);
}, 60_000);
