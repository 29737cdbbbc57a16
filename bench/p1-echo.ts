/** P1: how long a key takes from an attached terminal to the program's PTY and back, beside tmux and dtach. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Side } from './lib/attempt.ts';
import { dtach } from './lib/dtach.ts';
import { pinHarness } from './lib/machine.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { skein } from './lib/skein.ts';
import { median, orNone, p99 } from './lib/stats.ts';
import type { Terminal } from './lib/terminal.ts';
import { tmux } from './lib/tmux.ts';

const KEYS = 'abcdefghijklmnopqrstuvwxyz';

/** A line is ended before it reaches the terminal's width, and far before the 4,096 bytes a line discipline holds. */
const LINE = 40;

/** Milliseconds between keys: a fast typist's burst, and time for everything to come to rest. */
const PAUSE_MS = 5;

export const p1: Family = { ids: ['P1'], run: runEcho };

async function runEcho({ quick, say }: BenchOptions): Promise<Row[]> {
  const rounds = 5;
  const keys = quick ? 80 : 240;
  pinHarness('one');
  const sides = [
    new Side('skein', skein('one')),
    new Side('tmux', tmux('one')),
    new Side('dtach', dtach('one')),
  ];
  const terminals = new Map<Side, Terminal>();
  const found = new Map<Side, number[][]>(sides.map((side) => [side, []]));
  for (const side of sides) {
    const terminal = await side.attempt(openCat);
    if (terminal !== undefined) terminals.set(side, terminal);
  }
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) {
      const terminal = terminals.get(side);
      if (terminal === undefined) continue;
      say(`P1 ${side.name}, round ${round + 1} of ${rounds}`);
      const samples = await side.attempt(() => echoes(terminal, keys));
      if (samples !== undefined) found.get(side)?.push(samples);
    }
  }
  for (const terminal of terminals.values()) await terminal.close();
  for (const side of sides) side.stop();
  pinHarness('all');
  const [ours, theirs, least] = sides.map((side) => figures(found.get(side) ?? []));
  return [
    row({
      id: 'P1',
      what: 'echo of a key through attach, p50; peer tmux attach',
      unit: 'µs',
      ours: ours?.p50,
      peer: theirs?.p50,
      target: 'p50 ≤ 2×, p99 ≤ 5 ms',
      met: (_, ratio) => ratio <= 2 && (ours?.p99 ?? Number.POSITIVE_INFINITY) <= 5_000,
      extra: {
        ...(ours?.p99 === undefined ? {} : { 'p99 µs': ours.p99 }),
        ...(theirs?.p99 === undefined ? {} : { 'tmux p99 µs': theirs.p99 }),
        ...(least?.p50 === undefined ? {} : { 'dtach p50 µs': least.p50 }),
        ...(least?.p99 === undefined ? {} : { 'dtach p99 µs': least.p99 }),
        keys: rounds * keys,
      },
      notes: sides.map((side) => side.note),
    }),
  ];
}

async function openCat(side: NonNullable<Side['use']>): Promise<Terminal> {
  await side.start('echo', ['cat']);
  const terminal = side.attach('echo');
  await terminal.quiet(400);
  await echoes(terminal, 2 * LINE);
  return terminal;
}

/** Microseconds for each of `count` keys. */
async function echoes(terminal: Terminal, count: number): Promise<number[]> {
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

function figures(rounds: number[][]): { p50: number | undefined; p99: number | undefined } {
  return {
    p50: orNone(
      rounds.map((round) => median(round)),
      median,
    ),
    p99: orNone(rounds.flat(), p99),
  };
}
