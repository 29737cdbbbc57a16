/** Memory of processes as the kernel shares it out: PSS, so that pages two processes share count once. */
import { readFileSync } from 'node:fs';

const KIB = 1024;

/** Bytes; undefined where the kernel does not tell. */
export function pss(pids: readonly number[]): number | undefined {
  let sum = 0;
  for (const pid of pids) {
    try {
      const told = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
      if (told === null) return undefined;
      sum += Number(told[1]) * KIB;
    } catch {
      return undefined;
    }
  }
  return sum;
}

export const MEBIBYTE = 2 ** 20;
