/**
 * F10: a full disk, damage to the log's files, a clock that is moved. `count` is the number of damages; one full disk for
 * each 25 of them, two at least (rules L1, L2, L6, H2).
 */
import { moveClock } from './clock.ts';
import { damageLog } from './damage.ts';
import { Failures, type Fault, type FaultResult } from './fault.ts';
import { fillDisk } from './full-disk.ts';

/** What one part of F10 found. */
export type Part = Omit<FaultResult, 'id' | 'seed'>;

export const f10: Fault = async ({ count, seed, log }) => {
  const failures = new Failures();
  const figures: FaultResult['figures'] = {};
  const skipped: string[] = [];
  let runs = 0;
  for (const part of [
    () => fillDisk(Math.max(2, Math.round(count / 25)), seed, log),
    () => damageLog(count, seed, log),
    () => moveClock(log),
  ]) {
    const found = await part();
    failures.add(...found.failures);
    Object.assign(figures, found.figures);
    skipped.push(...found.skipped);
    runs += found.runs;
  }
  return { id: 'F10', runs, failures: failures.all, seed, figures, skipped };
};
