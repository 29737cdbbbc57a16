/** Keys typed into a terminal whose program is `cat`, and how long each takes to come back: the echo of a PTY's line discipline. */
import { setTimeout as sleep } from 'node:timers/promises';
import { median, orNone, p99 } from './stats.ts';
import type { Terminal } from './terminal.ts';

const KEYS = 'abcdefghijklmnopqrstuvwxyz';

/** A line is ended before it reaches the terminal's width, and far before the 4,096 bytes a line discipline holds. */
const LINE = 40;

/** Milliseconds between keys: a fast typist's burst, and time for everything to come to rest. */
const PAUSE_MS = 5;

/** The same terminal, once it has come to rest and every way that a key goes has been gone. */
export async function warmed(terminal: Terminal): Promise<Terminal> {
  await terminal.quiet(400);
  await echoes(terminal, 2 * LINE);
  return terminal;
}

/** Microseconds for each of `count` keys. */
export async function echoes(terminal: Terminal, count: number): Promise<number[]> {
  const samples: number[] = [];
  for (let n = 0; n < count; n++) {
    samples.push(await echo(terminal, KEYS[n % KEYS.length] as string));
    await sleep(PAUSE_MS);
    if ((n + 1) % LINE === 0) {
      terminal.write('\r');
      await terminal.quiet(30);
    }
  }
  return samples;
}

function echo(terminal: Terminal, key: string): Promise<number> {
  const code = key.charCodeAt(0);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`'${key}' did not come back in 5 s`)), 5_000);
    const began = process.hrtime.bigint();
    terminal.listen((bytes) => {
      if (!bytes.includes(code)) return;
      const took = Number(process.hrtime.bigint() - began) / 1_000;
      clearTimeout(timer);
      terminal.listen(undefined);
      resolve(took);
    });
    terminal.write(key);
  });
}

/** Of all rounds: the median of their medians, and the 99th percentile of all keys. */
export function figures(rounds: number[][]): { p50: number | undefined; p99: number | undefined } {
  return {
    p50: orNone(
      rounds.map((round) => median(round)),
      median,
    ),
    p99: orNone(rounds.flat(), p99),
  };
}
