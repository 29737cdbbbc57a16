/** The processes of `skein` that a test has started in a terminal. */
import { readFileSync } from 'node:fs';
import type { Skein } from './cli.ts';
import { withEnvironment } from './processes.ts';

/** Those of a home that were started with these words. */
export function clientsOf(skein: Skein, words: string): number[] {
  const wanted = `${skein.bundle} ${words} `.replaceAll(' ', '\0');
  return withEnvironment('SKEIN_HOME', skein.home).filter((pid) => wordsOf(pid).endsWith(wanted));
}

/** None of one that has ended meanwhile. */
function wordsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
