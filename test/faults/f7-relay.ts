/**
 * F7 at the relay: frozen readers among fifty splices, each flooded by its sender. The relay keeps little for them, the others
 * are as fast as before, and a thawed one loses nothing. `count` is the most that are frozen at once (rules R1, C2).
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { TestClient } from '@skein/relay/testing/client';
import { pss, until } from '../support/processes.ts';
import { destroyRelayHome, makeRelayHome, RelayProcess } from '../support/relay-process.ts';
import { Failures, type Fault, type Figure, round } from './fault.ts';

const MIB = 2 ** 20;
const SPLICES = 50;
/** Bytes that each of the others passes in one measurement, and those that a frozen one is sent. */
const PORTION = 1 * MIB;
const FLOOD = 24 * MIB;
/** Bytes that may be kept for a frozen reader, and what the process may grow by for reasons of its own. */
const KEPT = 1 * MIB;
const OWN = 32 * MIB;
/** How much longer the others may take; the best of some rounds is compared, since a neighbour's noise comes and goes. */
const SLOWER = 1.2;
const ROUNDS = 3;

interface Pair {
  near: Socket;
  far: Socket;
}

export const f7Relay: Fault = async ({ count, seed, timing, log }) => {
  const failures = new Failures();
  const figures: Record<string, Figure> = {};
  const home = makeRelayHome();
  const relay = await RelayProcess.start(home, ['--log-level', 'error']);
  const [a, b] = [await TestClient.register(relay.url), await TestClient.register(relay.url)];
  try {
    for (const frozen of [1, 25].filter((some) => some <= count)) {
      log(`F7R: ${frozen} of ${SPLICES}`);
      const pairs: Pair[] = [];
      while (pairs.length < SPLICES) pairs.push(await splice(a, b));
      const others = pairs.slice(frozen);
      const without = await best(others);
      const before = pss(relay.ready.pid);
      const floods = pairs.slice(0, frozen).map(flood);
      await until('every flood stands still', async () => {
        const sizes = floods.map((one) => one.sent());
        await new Promise((resolve) => setTimeout(resolve, 200));
        return floods.every((one, i) => one.sent() === sizes[i]);
      });
      const meanwhile = await best(others);
      const grown = pss(relay.ready.pid) - before;
      figures[`frozen_${frozen}_time_ratio`] = round(meanwhile / without, 2);
      figures[`frozen_${frozen}_growth_mib`] = round(grown / MIB);
      if (timing && meanwhile > SLOWER * without)
        failures.add(`${frozen} frozen: the others took ${round(meanwhile / without, 2)} times as long`);
      if (grown > KEPT * frozen + OWN)
        failures.add(`${frozen} frozen: the relay grew by ${round(grown / MIB)} MiB`);
      for (const one of floods)
        if (!(await one.thaw())) failures.add(`${frozen} frozen: bytes were lost or altered`);
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
    }
    return { id: 'F7R', runs: SPLICES, failures: failures.all, seed, figures, skipped: [] };
  } finally {
    a.close();
    b.close();
    await relay.kill();
    destroyRelayHome(home);
  }
};

async function splice(a: TestClient, b: TestClient): Promise<Pair> {
  const token = await a.dial(b.id);
  const incoming = await b.inbox.take('incoming');
  const [near, far] = await Promise.all([a.open(token), b.open(incoming.token)]);
  return { near, far };
}

/** Milliseconds until every one has passed its portion, in the best of some rounds. */
async function best(pairs: readonly Pair[]): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  const bytes = randomBytes(PORTION);
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    await Promise.all(pairs.map((pair) => pass(pair, bytes)));
    least = Math.min(least, performance.now() - began);
  }
  return least;
}

function pass({ near, far }: Pair, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    let left = bytes.length;
    const take = (chunk: Buffer) => {
      left -= chunk.length;
      if (left > 0) return;
      far.off('data', take);
      resolve();
    };
    far.on('data', take);
    near.write(bytes);
  });
}

/** Sends without end to a reader that does not read; `thaw` reads it all and says whether it is what was sent. */
function flood({ near, far }: Pair) {
  far.pause();
  const hash = createHash('sha256');
  let sent = 0;
  const sending = (async () => {
    while (sent < FLOOD) {
      const piece = randomBytes(256 * 1024);
      hash.update(piece);
      sent += piece.length;
      if (!near.write(piece)) await once(near, 'drain');
    }
  })();
  return {
    sent: () => sent,
    async thaw(): Promise<boolean> {
      const got = createHash('sha256');
      let size = 0;
      const all = new Promise<void>((resolve) => {
        far.on('data', (chunk: Buffer) => {
          got.update(chunk);
          size += chunk.length;
          if (size >= FLOOD) resolve();
        });
      });
      far.resume();
      await Promise.all([sending, all]);
      return size === FLOOD && got.digest('hex') === hash.digest('hex');
    },
  };
}
