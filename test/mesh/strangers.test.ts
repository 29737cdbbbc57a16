/** What a node tells those whom nobody knows (rule M1): who it is, and not where else it is found. */
import { openIdentity } from '@skein/node/mesh/identity';
import { Core } from '@skein/node/mesh/libp2p/libp2p';
import { decodeFrame, encodeFrame, PEER_VERSIONS, type TunnelFrame } from '@skein/node/mesh/tunnels/frames';
import { FrameReader } from '@skein/protocol/host/frames';
import { afterEach, expect, test } from 'vitest';
import { Meshes, until } from '../support/meshes.ts';

const meshes = new Meshes();
let core: Core | undefined;
afterEach(async () => {
  await core?.stop();
  await meshes.end();
});

/** Comes to a node with a key of its own and says hello; what it is told. */
async function strangerAt(address: string, peer: string): Promise<TunnelFrame[]> {
  const told: TunnelFrame[] = [];
  const reader = new FrameReader();
  const mine = await Core.start(openIdentity(meshes.home()), {
    admit: () => true,
    connected: async (connection) => {
      const stream = await mine.openStream(connection);
      stream.listen({
        data: (bytes) => reader.push(bytes, (type, payload) => void told.push(decodeFrame(type, payload))),
        drained() {},
        closed() {},
      });
      stream.send(encodeFrame({ type: 'hello', versions: PEER_VERSIONS, addrs: [], relays: [] }));
    },
    stream: () => {},
  });
  core = mine;
  await mine.dial(address, peer, AbortSignal.timeout(5_000), () => {});
  return told;
}

test('[M1] a stranger is told no address and no relay; once it is known, it is told both', async () => {
  let known = false;
  const relay = 'ws://127.0.0.1:9/some/path';
  const node = await meshes.node({ listen: ['127.0.0.1:0'], relays: [relay], knows: () => known });
  const { addrs } = node.mesh.addresses();
  const told = await strangerAt(addrs[0] ?? '', node.mesh.id);
  await until('it says hello', () => told.some(({ type }) => type === 'hello'));
  expect(told[0]).toMatchObject({ type: 'hello', addrs: [], relays: [] });
  await node.mesh.configure({ listen: ['127.0.0.1:0', '127.0.0.2:0'], relays: [relay] });
  expect(told.filter(({ type }) => type === 'at')).toEqual([]);
  known = true;
  await until('it is told where', () => told.some(({ type }) => type === 'at'));
  expect(told.find(({ type }) => type === 'at')).toMatchObject(node.mesh.addresses());
});
