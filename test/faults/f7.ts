/**
 * F7: frozen readers, 1 and 50 of 200: viewers of one program on its host's socket, and followers of the node's log. The
 * others do not notice, little is kept for each, and a frozen one goes on without loss. `count` is the most that are
 * frozen at once (rules L3, C2, H5).
 */
import type { Client } from '@skein/protocol/client/client';
import { destroyHome, hostsOf, makeHome } from '../support/home.ts';
import { NodeProcess } from '../support/node-process.ts';
import { pss } from '../support/processes.ts';
import { connectNode } from '../support/transport.ts';
import { Failures, type Fault, type Figure, percentile, round } from './fault.ts';
import { Followers, Viewers } from './readers.ts';

const READERS = 200;
const MIB = 2 ** 20;
/** How much slower the others may get; and milliseconds that nobody can tell from the noise of a shared machine. */
const SLOWER = 1.2;
const NOISE_MS = 3;
/** Bytes that may be kept for each frozen reader, and what a process may grow by for reasons of its own. */
const KEPT = 1 * MIB;
const OWN = 40 * MIB;
/** Most rounds with and without frozen readers, of which the best are compared: a neighbour's noise comes and goes. */
const ROUNDS = 5;

export interface Readers {
  /** Freezes some, the others go on. */
  freeze(count: number): void;
  thaw(): void;
  /** One measurement: milliseconds from the source to each reader that is not frozen. */
  measure(): Promise<number[]>;
  /** All have all there is; says what came twice, not at all, or out of order. */
  settle(): Promise<string[]>;
  close(): void;
}

export const f7: Fault = async ({ count, seed, timing, log }) => {
  const failures = new Failures();
  const figures: Record<string, Figure> = {};
  const home = makeHome();
  const node = await NodeProcess.start(home);
  const client = await connectNode(home);
  try {
    for (const kind of ['viewers', 'followers'] as const) {
      const readers =
        kind === 'viewers'
          ? await Viewers.open(client, READERS)
          : await Followers.open(client, home, READERS);
      const pid = kind === 'viewers' ? (hostsOf(home)[0]?.pid ?? 0) : node.pid;
      await readers.measure();
      for (const frozen of [1, 50].filter((some) => some <= count)) {
        log(`F7: ${frozen} of ${READERS} ${kind}`);
        const { slower, grown, p99 } = await compare(readers, frozen, pid);
        figures[`${kind}_${frozen}_p99_ratio`] = round(slower, 2);
        figures[`${kind}_${frozen}_p99_ms`] = round(p99);
        figures[`${kind}_${frozen}_growth_mib`] = round(grown / MIB);
        if (timing && slower > SLOWER && p99 - p99 / slower > NOISE_MS)
          failures.add(`${frozen} frozen ${kind}: the others' p99 is ${round(slower, 2)} times that without`);
        if (grown > KEPT * frozen + OWN)
          failures.add(`${frozen} frozen ${kind}: ${round(grown / MIB)} MiB were kept for them`);
        failures.add(...(await readers.settle()).map((problem) => `${frozen} frozen ${kind}: ${problem}`));
      }
      readers.close();
    }
    failures.add(...(await answers(client)));
    return { id: 'F7', runs: READERS * 2, failures: failures.all, seed, figures, skipped: [] };
  } finally {
    client.close();
    await node.kill();
    destroyHome(home);
  }
};

async function compare(readers: Readers, frozen: number, pid: number) {
  let without = Number.POSITIVE_INFINITY;
  let withFrozen = Number.POSITIVE_INFINITY;
  let grown = 0;
  for (let i = 0; i < ROUNDS; i++) {
    without = Math.min(without, percentile(await readers.measure(), 99));
    const before = pss(pid);
    readers.freeze(frozen);
    withFrozen = Math.min(withFrozen, percentile(await readers.measure(), 99));
    grown = Math.max(grown, pss(pid) - before);
    readers.thaw();
    if (withFrozen <= SLOWER * without) break;
  }
  return { slower: withFrozen / without, p99: withFrozen, grown };
}

async function answers(client: Client): Promise<string[]> {
  const { pid } = await client.ask('status', {});
  return pid > 0 ? [] : ['the node does not answer'];
}
