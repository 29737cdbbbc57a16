/** Malformed frames at a program's doors, beside an honest peer of it: what F6 asks of the program meanwhile. */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HonestClient } from '../support/honest-client.ts';
import { within } from '../support/processes.ts';
import { asIfElsewhere } from './elsewhere.ts';
import { type Failures, type Figure, percentile, round } from './fault.ts';

const MIB = 2 ** 20;
/** Bytes that the program may grow by. */
const GROWTH = 64 * MIB;
/** How much slower an honest peer's echo may become; and milliseconds below which nobody can tell. */
const SLOWER = 2;
const UNNOTICED_MS = 5;
/** Milliseconds of quiet that the honest peer is measured for. */
const QUIET_MS = 1_500;
/** Most malformed frames a second: more is a flood, which takes its share of any machine. */
const PER_SECOND = 500;

export interface Fuzzing {
  id: string;
  /** What is fuzzed, for whoever reads of a failure. */
  what: string;
  /** Each sends something malformed and resolves to what was wrong with the answer. */
  doors: readonly (() => Promise<string[]>)[];
  /** Malformed frames in all, those of the warm-up apart, and how many are under way at once. */
  runs: number;
  atOnce: number;
  /** Frames sent before, so that what grows by being used for the first time is not counted. */
  warmUp: number;
  /** Whether the strangers would have machines of their own, and so take only what processor time is left. */
  elsewhere: boolean;
  /** Whether no more than 500 a second are sent. */
  paced: boolean;
  /** Whether figures of time may fail it. */
  timing: boolean;
  honest: HonestClient;
  /** Bytes of memory that the program has. */
  size: () => number;
  failures: Failures;
  log: (line: string) => void;
}

/** Fuzzes, adds what was wrong to `failures`, and resolves to the figures. */
export async function fuzzBesideHonest(fuzzing: Fuzzing): Promise<Record<string, Figure>> {
  const { id, what, doors, runs, honest, size, failures } = fuzzing;
  for (let i = 0; i < fuzzing.warmUp; i++) await doors[i % doors.length]?.();
  const before = size();
  let most = before;
  const quiet = percentile(await honest.during(sleep(QUIET_MS)), 99);
  let next = 0;
  const one = async (began: number) => {
    while (next < runs && failures.list.length < 10) {
      const i = next++;
      if (fuzzing.paced) await sleep(Math.max(0, began + (i * 1000) / PER_SECOND - performance.now()));
      failures.add(...((await doors[i % doors.length]?.()) ?? []));
      if (i % 500 !== 0) continue;
      most = Math.max(most, size());
      fuzzing.log(`${id}: ${i} of ${runs}`);
    }
  };
  const fuzz = async () => {
    const began = performance.now();
    await Promise.all(Array.from({ length: fuzzing.atOnce }, () => one(began)));
  };
  const echoes = await honest.during(fuzzing.elsewhere ? asIfElsewhere(fuzz) : fuzz());
  const meanwhile = percentile(echoes, 99);
  most = Math.max(most, size());
  if (echoes.length === 0) failures.add(`an honest peer of ${what} was not served`);
  if (most - before > GROWTH) failures.add(`${what} grew by ${round((most - before) / MIB)} MiB`);
  if (fuzzing.timing && meanwhile > Math.max(SLOWER * quiet, UNNOTICED_MS))
    failures.add(`an honest peer's p99 was ${round(meanwhile)} ms, and ${round(quiet)} ms without`);
  return {
    doors: doors.length,
    honest_p99_quiet_ms: round(quiet, 2),
    honest_p99_meanwhile_ms: round(meanwhile, 2),
    growth_mib: round((most - before) / MIB),
  };
}

/** A connection that says nothing, or with `drip` a byte now and then; what is wrong, if it is held open for longer than `limit` milliseconds. */
export async function staysSilent(
  socket: Socket,
  to: string,
  limit: number,
  drip?: { every: number; bytes: string | Uint8Array },
): Promise<string[]> {
  socket.on('error', () => {});
  socket.resume();
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  const timer = drip === undefined ? undefined : setInterval(() => socket.write(drip.bytes), drip.every);
  try {
    await within(limit, `a silent connection to ${to} is closed`, closed);
    return [];
  } catch (error) {
    return [(error as Error).message];
  } finally {
    clearInterval(timer);
    socket.destroy();
  }
}
