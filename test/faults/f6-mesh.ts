/**
 * F6 at the mesh: malformed bytes at a node's libp2p port, malformed frames of the tunnel protocol by a peer that has proved
 * its key, malformed messages on channels within tunnels, as a member and as a stranger, and tickets with something wrong in
 * them. `count` is the number for each of these doors (rules C2, C5, K5, M3).
 */
import type { Mesh, PeerAddress } from '@skein/node/mesh/api';
import { openIdentity } from '@skein/node/mesh/identity';
import { startMesh } from '@skein/node/mesh/mesh';
import { visitFar } from '@skein/node/peers/far-client';
import { makeTicket, redeem } from '../support/devices.ts';
import { destroyHome, makeHome } from '../support/home.ts';
import { HonestClient } from '../support/honest-client.ts';
import { NodeProcess } from '../support/node-process.ts';
import { pss } from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { openSession, STUBBORN } from '../support/sessions.ts';
import { connectNode } from '../support/transport.ts';
import { fuzzBesideHonest } from './beside-honest.ts';
import { Failures, type Fault } from './fault.ts';
import { BarePeer, badChannel, badPort, badTicket, badTunnel } from './mesh-strangers.ts';

/** Malformed things under way at once, and before it is measured: each connection costs two key agreements. */
const AT_ONCE = 4;
const WARM_UP = 1_000;

export const f6Mesh: Fault = async ({ count, seed, timing, log }) => {
  const random = new Random(seed);
  const failures = new Failures();
  const homes = Array.from({ length: 4 }, makeHome);
  const [home = '', ...others] = homes;
  const node = await NodeProcess.start(home);
  const owner = await connectNode(home);
  const honest = await HonestClient.start(home);
  const meshes = await Promise.all(others.slice(0, 2).map(meshOf));
  const bare = await BarePeer.start(others[2] ?? '');
  try {
    const [member, stranger] = meshes as [Mesh, Mesh];
    await owner.command('peers', 'mesh.configure', { on: true, listen: ['127.0.0.1:0'] });
    const { id: peer, addrs } = await owner.ask('mesh', {});
    const address = addrs[0] ?? '';
    const to: PeerAddress = { peer, addrs, relays: [] };
    const session = await openSession(owner, STUBBORN);
    const { secret } = await makeTicket(owner, session.id, { role: 'owner' });
    await visitFar({ mesh: member, to, version: '0', wait: 10_000 }, (client) =>
      redeem(client, session.id, secret),
    );
    const port = Number(/tcp\/(\d+)/.exec(address)?.[1]);
    const doors = [
      () => badPort(port, random),
      () => badTunnel(bare, { address, peer }, random),
      () => badChannel(random.chance(0.7) ? member : stranger, to, random),
      async () => badTicket(random),
    ];
    const figures = await fuzzBesideHonest({
      ...{ id: 'F6M', what: 'the node', doors, runs: count * doors.length, atOnce: AT_ONCE, warmUp: WARM_UP },
      ...{ elsewhere: true, paced: timing, timing, honest, size: () => pss(node.pid), failures, log },
    });
    if (!node.running) failures.add(`the node ended: ${node.said}`);
    const served = await visitFar({ mesh: member, to, version: '0', wait: 10_000 }, (client) =>
      client.ask('sessions', {}),
    );
    if (served.length !== 1) failures.add('an honest member is not served any more');
    return { id: 'F6M', runs: count * doors.length, failures: failures.all, seed, figures, skipped: [] };
  } finally {
    await Promise.all(meshes.map((mesh) => mesh.stop()));
    await bare.stop();
    owner.close();
    await honest.stop().catch(() => {});
    await node.kill();
    for (const one of homes) destroyHome(one);
  }
};

function meshOf(home: string): Promise<Mesh> {
  const options = {
    config: { listen: [], relays: [] },
    log: () => {},
    admit: () => true,
    knows: () => false,
  };
  return startMesh({ ...options, identity: openIdentity(home), incoming: () => undefined });
}
