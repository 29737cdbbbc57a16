/**
 * F7 at the relay: frozen readers among fifty splices, each flooded by its sender. The relay keeps little for them, the others
 * are as fast as before, and a thawed one loses nothing. `count` is the most that are frozen at once (rules R1, C2).
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { SPLICE_HIGH_WATER } from '@skein/protocol/relay/limits';
import { TestClient } from '@skein/relay/testing/client';
import { pss, until } from '../support/processes.ts';
import { destroyRelayHome, makeRelayHome, RelayProcess } from '../support/relay-process.ts';
import { Failures, type Fault, type Figure, round } from './fault.ts';

const MIB = 2 ** 20;
const SPLICES = 50;
/** Bytes that each of the others passes in one measurement, and those that a frozen one is sent. */
const PORTION = 1 * MIB;
const FLOOD = 24 * MIB;
/** Bytes that may be kept for a frozen reader: the high-water mark, and the chunk that went past it. */
const KEPT = SPLICE_HIGH_WATER + 64 * 1024;
/** Bytes of the process by which two runs of the same work differ: memory that is free, and that the allocator keeps. */
const OWN = 40 * MIB;
/**
 * How much longer the others may take. The best of some rounds is compared, with the slower of those before and after:
 * a neighbour's noise comes and goes.
 */
const SLOWER = 1.2;
const ROUNDS = 5;

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
      await best(others, relay);
      const without = await best(others, relay);
      const floods = pairs.slice(0, frozen).map(flood);
      await until('every flood stands still', async () => {
        const sizes = floods.map((one) => one.sent());
        await new Promise((resolve) => setTimeout(resolve, 200));
        return floods.every((one, i) => one.sent() === sizes[i]);
      });
      const kept = await waiting(relay);
      const meanwhile = await best(others, relay);
      for (const one of floods)
        if (!(await one.thaw())) failures.add(`${frozen} frozen: bytes were lost or altered`);
      const after = await best(others, relay);
      const grown = meanwhile.memory - without.memory;
      const slower = meanwhile.ms / Math.max(without.ms, after.ms);
      figures[`frozen_${frozen}_time_ratio`] = round(slower, 2);
      figures[`frozen_${frozen}_kept_kib_each`] = round(kept / frozen / 1024);
      figures[`frozen_${frozen}_growth_mib`] = round(grown / MIB);
      if (timing && slower > SLOWER)
        failures.add(`${frozen} frozen: the others took ${round(slower, 2)} times as long`);
      if (kept === 0 || kept > KEPT * frozen)
        failures.add(`${frozen} frozen: ${kept} bytes were kept for them`);
      if (grown > KEPT * frozen + OWN)
        failures.add(`${frozen} frozen: the relay grew by ${round(grown / MIB)} MiB`);
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

/** Milliseconds until every one has passed its portion, in the best of some rounds, and the relay's memory after the worst. */
async function best(pairs: readonly Pair[], relay: RelayProcess): Promise<{ ms: number; memory: number }> {
  const bytes = randomBytes(PORTION);
  const found = { ms: Number.POSITIVE_INFINITY, memory: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    await Promise.all(pairs.map((pair) => pass(pair, bytes)));
    found.ms = Math.min(found.ms, performance.now() - began);
    found.memory = Math.max(found.memory, pss(relay.ready.pid));
  }
  return found;
}

/** What the relay says that it keeps for slow readers. */
async function waiting(relay: RelayProcess): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${relay.port}/metrics`)).text();
  return Number(/^skein_relay_waiting_bytes (\d+)$/m.exec(metrics)?.[1]);
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
