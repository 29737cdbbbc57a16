/**
 * F6: malformed frames at the node's socket and at a host's, as a stranger and as one who was let in, connections that
 * hold on without a word, and garbage in stored files. `count` is the number of malformed frames for each of three
 * doors: channel messages, raw bytes at the node's socket, the host's socket (rules C2, C5, H1, K5).
 */

import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeSocket } from '@skein/node/home';
import { destroyHome, hostsOf, makeHome } from '../support/home.ts';
import { HonestClient } from '../support/honest-client.ts';
import { NodeProcess } from '../support/node-process.ts';
import { lives, pss, within } from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { type Opened, openSession, STUBBORN } from '../support/sessions.ts';
import { connectNode } from '../support/transport.ts';
import { Failures, type Fault, percentile, round } from './fault.ts';
import { garbageInFiles } from './stored.ts';
import { badBytes, badMessage, badPiece } from './strangers.ts';

const MIB = 2 ** 20;
/** Bytes that node and host together may grow by. */
const GROWTH = 64 * MIB;
/** How much slower an honest client may become; and milliseconds below which nobody can tell. */
const SLOWER = 2;
const UNNOTICED_MS = 5;
/** Milliseconds of quiet that the honest client is measured for. */
const QUIET_MS = 1_500;
/** Connections that each door gets which say nothing, and milliseconds after which they must be closed. */
const SILENT = 20;
const SILENT_MS = 9_000;
/** Malformed frames under way at once, and most a second: more is a flood, which takes its share of any machine. */
const AT_ONCE = 2;
const PER_SECOND = 500;

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
    // Once through every door, so that what grows by being used for the first time is not counted.
    for (let i = 0; i < 100; i++) await doors[i % doors.length]?.();
    const before = pss(node.pid) + pss(host.pid);
    const quiet = percentile(await honest.during(sleep(QUIET_MS)), 99);
    let most = before;
    const fuzz = async () => {
      let next = 0;
      const began = performance.now();
      const one = async () => {
        while (next < count * doors.length && failures.list.length < 10) {
          const i = next++;
          await sleep(Math.max(0, began + (i * 1000) / PER_SECOND - performance.now()));
          failures.add(...((await doors[i % doors.length]?.()) ?? []));
          if (i % 500 === 0) {
            most = Math.max(most, pss(node.pid) + pss(host.pid));
            log(`F6: ${i} of ${count * doors.length}`);
          }
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, one));
    };
    const silent = Promise.all([silence(nodeSocket(home), random), silence(host.socket, random)]);
    const meanwhile = percentile(await honest.during(fuzz()), 99);
    failures.add(...(await silent).flat());
    most = Math.max(most, pss(node.pid) + pss(host.pid));
    if (!node.running) failures.add(`the node ended: ${node.said}`);
    if (!lives(host)) failures.add('the host ended');
    if (!lives(session)) failures.add('the program ended');
    if (most - before > GROWTH) failures.add(`node and host grew by ${round((most - before) / MIB)} MiB`);
    if (timing && meanwhile > Math.max(SLOWER * quiet, UNNOTICED_MS))
      failures.add(`an honest client's p99 was ${round(meanwhile)} ms, and ${round(quiet)} ms without`);
    await honest.stop();
    const files = Math.max(12, Math.round(count / 100));
    failures.add(...(await stored(home, node, session, files, random)));
    const figures = {
      doors: doors.length,
      stored_files: files,
      honest_p99_quiet_ms: round(quiet, 2),
      honest_p99_meanwhile_ms: round(meanwhile, 2),
      growth_mib: round((most - before) / MIB),
    };
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
  const problems: string[] = [];
  const one = async (i: number) => {
    const socket = connect(path);
    socket.on('error', () => {});
    socket.resume();
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    const drip = setInterval(() => socket.write(i % 2 === 0 ? 'G' : Uint8Array.of(0)), random.int(300, 900));
    if (i % 4 === 3) clearInterval(drip);
    await within(SILENT_MS, `a silent connection to ${path.split('/').at(-1)} is closed`, closed).catch(
      (error: Error) => problems.push(error.message),
    );
    clearInterval(drip);
    socket.destroy();
  };
  await Promise.all(Array.from({ length: SILENT }, (_, i) => one(i)));
  return problems.slice(0, 2);
}

async function stored(home: string, node: NodeProcess, session: Opened, files: number, random: Random) {
  await node.stop();
  return garbageInFiles(home, session, files, random);
}
