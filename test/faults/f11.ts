/**
 * F11: a hundred devices, each with a key of its own, use one single-use ticket at the same moment, over real tunnels, direct
 * and through a relay: exactly one gets in, and the others are told that it is used. Then that one is revoked: it is cut off
 * within a second direct and five relayed, and stays out. `count` is the number of times for each of the two ways
 * (rules M3, K5).
 */

import type { Mesh, PeerAddress } from '@skein/node/mesh/api';
import { openIdentity } from '@skein/node/mesh/identity';
import { startMesh } from '@skein/node/mesh/mesh';
import { visitFar } from '@skein/node/peers/far-client';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { MemberReplies } from '@skein/protocol/sessions/commands';
import { makeTicket, redeem } from '../support/devices.ts';
import { destroyHome, makeHome } from '../support/home.ts';
import { NodeProcess } from '../support/node-process.ts';
import { within } from '../support/processes.ts';
import { RelaySite } from '../support/relay-site.ts';
import { openSession, STUBBORN } from '../support/sessions.ts';
import { connectNode } from '../support/transport.ts';
import { Failures, type Fault, percentile, round } from './fault.ts';

const DEVICES = 100;
/** Milliseconds after which a revoked device must be cut (M3). */
const CUT_MS = { direct: 1_000, relayed: 5_000 };
/** Milliseconds for a device to reach the node, and for all of them to be there before any uses the ticket. */
const REACH_MS = 20_000;
const GATHER_MS = 6_000;

type Way = keyof typeof CUT_MS;

export const f11: Fault = async ({ count, seed, timing, log }) => {
  const failures = new Failures();
  const home = makeHome();
  const relay = await RelaySite.start();
  const node = await NodeProcess.start(home);
  const owner = await connectNode(home);
  const homes = Array.from({ length: DEVICES }, () => makeHome());
  const meshes = await Promise.all(homes.map(meshOf));
  const cuts: Record<Way, number[]> = { direct: [], relayed: [] };
  const gathered: number[] = [];
  try {
    for (const way of ['direct', 'relayed'] as const) {
      const to = await foundAt(owner, way, relay.url);
      for (let i = 0; i < count && failures.list.length < 10; i++) {
        log(`F11: ${way}, ${i} of ${count}`);
        const { id } = await openSession(owner, STUBBORN);
        const told = await crowd(owner, meshes, to, id);
        failures.add(...told.failures.map((what) => `${way}, time ${i}: ${what}`));
        cuts[way].push(...told.cut);
        gathered.push(told.gathered);
        await owner.command(`session/${id}`, 'run.signal', { signal: 'SIGKILL' });
      }
      const slowest = Math.max(...cuts[way]);
      if (timing && slowest > CUT_MS[way]) failures.add(`${way}, a cut took ${round(slowest)} ms`);
      for (const mesh of meshes) mesh.cut(to.peer, 'the next way');
    }
    if (!node.running) failures.add(`the node ended: ${node.said}`);
  } finally {
    await Promise.all(meshes.map((mesh) => mesh.stop()));
    owner.close();
    await node.kill();
    await relay.end();
    for (const one of [home, ...homes]) destroyHome(one);
  }
  const figures = {
    devices: DEVICES,
    least_there_at_once: Math.min(...gathered),
    cut_direct_p99_ms: round(percentile(cuts.direct, 99)),
    cut_relayed_p99_ms: round(percentile(cuts.relayed, 99)),
  };
  return { id: 'F11', runs: 2 * count, failures: failures.all, seed, figures, skipped: [] };
};

function meshOf(home: string): Promise<Mesh> {
  return startMesh({
    identity: openIdentity(home),
    config: { listen: [], relays: [] },
    log: () => {},
    admit: () => true,
    knows: () => false,
    incoming: () => undefined,
  });
}

/** Has the node be found one way alone, and tells where. */
async function foundAt(owner: Client, way: Way, relay: string): Promise<PeerAddress> {
  const [listen, relays] = way === 'direct' ? [['127.0.0.1:0'], []] : [['none'], [relay]];
  await owner.command('peers', 'mesh.configure', { on: true, listen, relays });
  const { id, addrs } = await owner.ask('mesh', { wait: REACH_MS });
  return { peer: id, addrs, relays };
}

interface Told {
  failures: string[];
  /** Milliseconds from the revocation until the device knew. */
  cut: number[];
  /** Devices that were connected before any used the ticket. */
  gathered: number;
}

async function crowd(
  owner: Client,
  meshes: readonly Mesh[],
  to: PeerAddress,
  session: string,
): Promise<Told> {
  const { secret } = await makeTicket(owner, session, { role: 'operator' });
  const told: Told = { failures: [], cut: [], gathered: 0 };
  let there = 0;
  let go: () => void = () => {};
  const all = new Promise<void>((resolve) => {
    go = resolve;
  });
  const limit = setTimeout(() => go(), GATHER_MS);
  let admitted = 0;
  const one = async (mesh: Mesh, i: number): Promise<void> => {
    try {
      await visitFar({ mesh, to, version: '0', wait: REACH_MS }, async (client) => {
        if (++there === meshes.length) go();
        await all;
        if (told.gathered === 0) told.gathered = there;
        const joined = await redeem(client, session, secret, `device ${i}`);
        admitted++;
        told.cut.push(await revokedAfter(owner, client, session, joined));
      });
      await mustBeShutOut(mesh, to, session, secret, told);
    } catch (thrown) {
      const { code, message } = SkeinError.from(thrown);
      if (code !== 'ticket_used') told.failures.push(`device ${i}: ${code}: ${message}`);
    }
  };
  await Promise.all(meshes.map(one));
  clearTimeout(limit);
  const members = await owner.ask('members', { ref: session });
  if (admitted !== 1) told.failures.push(`${admitted} devices got in`);
  if (members.length !== 0) told.failures.push(`${members.length} members are left`);
  return told;
}

/** Milliseconds from the owner's word until this device, which reads along, is cut off. */
async function revokedAfter(
  owner: Client,
  client: Client,
  session: string,
  { member }: MemberReplies['ticket.redeem'],
): Promise<number> {
  const events = client.subscribe({ stream: `session/${session}`, from: { offset: 0 }, follow: true });
  const pages = events[Symbol.asyncIterator]();
  await pages.next();
  const cut = (async () => {
    try {
      while (!(await pages.next()).done);
    } catch {
      // The connection is gone.
    }
    return performance.now();
  })();
  const began = performance.now();
  await owner.command(`session/${session}`, 'member.revoke', { member });
  return (await within(REACH_MS, 'the device is cut off', cut)) - began;
}

async function mustBeShutOut(
  mesh: Mesh,
  to: PeerAddress,
  session: string,
  secret: string,
  told: Told,
): Promise<void> {
  const tries: [string, (client: Client) => Promise<unknown>][] = [
    ['reading', (client) => client.ask('session', { ref: session })],
    ['the ticket', (client) => redeem(client, session, secret)],
  ];
  for (const [what, act] of tries) {
    try {
      await visitFar({ mesh, to, version: '0', wait: REACH_MS }, act);
      told.failures.push(`after the revocation ${what} was let in`);
    } catch (thrown) {
      const { code } = SkeinError.from(thrown);
      if (!['not_allowed', 'device_revoked', 'ticket_used', 'ticket_invalid'].includes(code))
        told.failures.push(`after the revocation ${what}: ${code}`);
    }
  }
}
