/**
 * F6 at the mesh: malformed bytes at a node's libp2p port, malformed frames of the tunnel protocol by a peer that has proved
 * its key, malformed messages on channels within tunnels, as a member and as a stranger, and tickets with something wrong in
 * them. `count` is the number for each of these doors (rules C2, C5, K5, M3).
 */
import { setTimeout as sleep } from 'node:timers/promises';
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
import { asIfElsewhere } from './elsewhere.ts';
import { Failures, type Fault, percentile, round } from './fault.ts';
import { BarePeer, badChannel, badPort, badTicket, badTunnel } from './mesh-strangers.ts';

const MIB = 2 ** 20;
/** Bytes that the node may grow by. */
const GROWTH = 64 * MIB;
/** How much slower an honest client may become; and milliseconds below which nobody can tell. */
const SLOWER = 2;
const UNNOTICED_MS = 5;
const QUIET_MS = 1_500;
/**
 * Malformed things under way at once, and most a second while an honest client's time is measured: each connection costs two
 * key agreements, so that more is a flood, which takes its share of any machine.
 */
const AT_ONCE = 4;
const PER_SECOND = 500;
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
    // What grows by being used for the first time is not counted.
    for (let i = 0; i < WARM_UP; i++) await doors[i % doors.length]?.();
    const before = pss(node.pid);
    let most = before;
    const quiet = percentile(await honest.during(sleep(QUIET_MS)), 99);
    const fuzz = async () => {
      let next = 0;
      const began = performance.now();
      const one = async () => {
        while (next < count * doors.length && failures.list.length < 10) {
          const i = next++;
          if (timing) await sleep(Math.max(0, began + (i * 1000) / PER_SECOND - performance.now()));
          failures.add(...((await doors[i % doors.length]?.()) ?? []));
          if (i % 500 !== 0) continue;
          most = Math.max(most, pss(node.pid));
          log(`F6M: ${i} of ${count * doors.length}`);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, one));
    };
    const meanwhile = percentile(await honest.during(asIfElsewhere(fuzz)), 99);
    most = Math.max(most, pss(node.pid));
    if (!node.running) failures.add(`the node ended: ${node.said}`);
    if (most - before > GROWTH) failures.add(`the node grew by ${round((most - before) / MIB)} MiB`);
    if (timing && meanwhile > Math.max(SLOWER * quiet, UNNOTICED_MS))
      failures.add(`an honest client's p99 was ${round(meanwhile)} ms, and ${round(quiet)} ms without`);
    const served = await visitFar({ mesh: member, to, version: '0', wait: 10_000 }, (client) =>
      client.ask('sessions', {}),
    );
    if (served.length !== 1) failures.add('an honest member is not served any more');
    const figures = {
      doors: doors.length,
      honest_p99_quiet_ms: round(quiet, 2),
      honest_p99_meanwhile_ms: round(meanwhile, 2),
      growth_mib: round((most - before) / MIB),
    };
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
