/** Many trials of F10 from a seed: bits flipped and files cut, on a log just closed, one still in its WAL, and a sealed one. */
import { rmSync } from 'node:fs';
import { sealAll } from '../log/seal.fixture.ts';
import { damageTrial, makeLog, type Trial, type TrialLog } from './damage-trial.ts';

interface TrialsOptions {
  /** Trials; of six, four flip a bit and two cut a file. */
  count: number;
  /** The same seed harms the same places; epochs and times in the log are new each time. */
  seed: number;
  /** Where the logs are made; the system's temporary directory unless given. Nothing is left there. */
  dir?: string;
  /** Events in the log that is harmed. */
  events?: number;
  /** Told of each trial as it begins. */
  onTrial?: (trial: Trial, n: number) => void;
}

/** What trials came to. `failures` is empty if everything held. */
interface TrialsResult {
  seed: number;
  count: number;
  /** Trials that cost events, all of them reported. */
  reported: number;
  failures: { trial: Trial; error: string }[];
}

/** A repeatable sequence of numbers in 0 … 1. */
export function* numbers(seed: number): Generator<number, never> {
  for (let x = seed; ; ) {
    x = (x * 1664525 + 1013904223) % 2 ** 32;
    yield x / 2 ** 32;
  }
}

/** Which file of which log is harmed, and how: round and round. */
const PLAN: readonly [log: 'closed' | 'live' | 'sealed', file: Trial['file'], fault: Trial['fault']][] = [
  ['closed', 'log.db', 'flip'],
  ['live', 'log.db-wal', 'flip'],
  ['sealed', 'log.db', 'flip'],
  ['sealed', 'log.db', 'truncate'],
  ['closed', 'anchors.log', 'flip'],
  ['live', 'log.db-wal', 'truncate'],
];

/** Runs trials one after the other; rejects only if the logs cannot be made. */
export async function damageTrials({
  count,
  seed,
  dir,
  events = 900,
  onTrial = () => {},
}: TrialsOptions): Promise<TrialsResult> {
  const random = numbers(seed);
  const result: TrialsResult = { seed, count, reported: 0, failures: [] };
  const logs: Record<string, TrialLog> = {};
  try {
    for (const name of ['closed', 'live', 'sealed']) logs[name] = await makeLog(events, name === 'live', dir);
    if (logs.sealed) sealAll(logs.sealed.dir);
    for (let n = 0; n < count; n += 1) {
      const [name, file, fault] = PLAN[n % PLAN.length] ?? ['closed', 'log.db', 'flip'];
      const trial: Trial = { file, fault, at: random.next().value, bit: Math.floor(random.next().value * 8) };
      const log = logs[name];
      onTrial(trial, n);
      try {
        const { damage } = log ? await damageTrial(log, trial, dir) : {};
        if (damage) result.reported += 1;
      } catch (error) {
        result.failures.push({ trial, error: error instanceof Error ? error.message : String(error) });
      }
    }
  } finally {
    for (const log of Object.values(logs)) rmSync(log.dir, { recursive: true, force: true });
  }
  return result;
}
