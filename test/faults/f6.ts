/**
 * F6: malformed frames at the node's socket and at a host's, as a stranger and as one who was let in, connections that
 * hold on without a word, and garbage in stored files. `count` is the number of malformed frames for each of three
 * doors: channel messages, raw bytes at the node's socket, the host's socket (rules C2, C5, H1, K5).
 */

import { connect } from 'node:net';
import { nodeSocket } from '@skein/node/home';
import { destroyHome, hostsOf, makeHome } from '../support/home.ts';
import { HonestClient } from '../support/honest-client.ts';
import { NodeProcess } from '../support/node-process.ts';
import { lives, pss } from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { type Opened, openSession, STUBBORN } from '../support/sessions.ts';
import { connectNode } from '../support/transport.ts';
import { fuzzBesideHonest, staysSilent } from './beside-honest.ts';
import { Failures, type Fault } from './fault.ts';
import { garbageInFiles } from './stored.ts';
import { badBytes, badMessage, badPiece } from './strangers.ts';

/** Connections that each door gets which say nothing, and milliseconds after which they must be closed. */
const SILENT = 20;
const SILENT_MS = 9_000;
/** Malformed frames under way at once, and before it is measured. */
const AT_ONCE = 2;
const WARM_UP = 100;

export const f6: Fault = async ({ count, seed, timing, log }) => {
  const random = new Random(seed);
  const failures = new Failures();
  const home = makeHome();
  const node = await NodeProcess.start(home);
  const client = await connectNode(home);
  const honest = await HonestClient.start(home);
  try {
    const session = await openSession(client, STUBBORN);
    const host = hostsOf(home)[0];
    if (host === undefined) throw new Error('there is no host');
    const doors = [
      () => badMessage(home, random),
      () => badBytes(home, random),
      () => badPiece(client, session.id, random),
    ];
    const silent = Promise.all([silence(nodeSocket(home), random), silence(host.socket, random)]);
    const fuzzed = await fuzzBesideHonest({
      ...{
        id: 'F6',
        what: 'node and host',
        doors,
        runs: count * doors.length,
        atOnce: AT_ONCE,
        warmUp: WARM_UP,
      },
      ...{ elsewhere: false, paced: true, timing, honest, failures, log },
      size: () => pss(node.pid) + pss(host.pid),
    });
    failures.add(...(await silent).flat());
    if (!node.running) failures.add(`the node ended: ${node.said}`);
    if (!lives(host)) failures.add('the host ended');
    if (!lives(session)) failures.add('the program ended');
    await honest.stop();
    const files = Math.max(12, Math.round(count / 100));
    failures.add(...(await stored(home, node, session, files, random)));
    const figures = { ...fuzzed, stored_files: files };
    return { id: 'F6', runs: count * doors.length, failures: failures.all, seed, figures, skipped: [] };
  } finally {
    client.close();
    await honest.stop().catch(() => {});
    await node.kill();
    destroyHome(home);
  }
};

/** Connections that say nothing, or a byte now and then: none may be held open. */
async function silence(path: string, random: Random): Promise<string[]> {
  const name = path.split('/').at(-1) ?? path;
  const one = (i: number) => {
    const bytes = i % 2 === 0 ? 'G' : Uint8Array.of(0);
    const drip = i % 4 === 3 ? undefined : { every: random.int(300, 900), bytes };
    return staysSilent(connect(path), name, SILENT_MS, drip);
  };
  const problems = await Promise.all(Array.from({ length: SILENT }, (_, i) => one(i)));
  return problems.flat().slice(0, 2);
}

async function stored(home: string, node: NodeProcess, session: Opened, files: number, random: Random) {
  await node.stop();
  return garbageInFiles(home, session, files, random);
}
