/** P3: Ctrl-C while `yes` floods the terminal, until the prompt is back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Side } from './lib/attempt.ts';
import { type Contestant, PROMPT, SHELL } from './lib/contestant.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { skein } from './lib/skein.ts';
import { median, orNone, p99 } from './lib/stats.ts';
import type { Terminal } from './lib/terminal.ts';
import { tmux } from './lib/tmux.ts';

/** Milliseconds of flood before the key: long enough for every buffer on the way to be full. */
const FLOOD_MS = 250;

/** Bytes after which the flood is known to have begun. */
const FLOWING = 4096;

export const p3: Family = { ids: ['P3'], run: runInterrupt };

async function runInterrupt({ quick, say }: BenchOptions): Promise<Row[]> {
  const rounds = 5;
  const times = quick ? 4 : 20;
  const sides = [new Side('skein', skein('all')), new Side('tmux', tmux('all'))];
  const samples: number[][] = [[], []];
  const terminals: (Terminal | undefined)[] = [];
  for (const side of sides) terminals.push(await side.attempt(openShell));
  for (let round = 0; round < rounds; round++) {
    for (const [index, side] of sides.entries()) {
      const terminal = terminals[index];
      if (terminal === undefined) continue;
      say(`P3 ${side.name}, round ${round + 1} of ${rounds}`);
      await side.attempt(async () => {
        for (let n = 0; n < times; n++) samples[index]?.push(await interrupt(terminal));
      });
    }
  }
  for (const terminal of terminals) await terminal?.close();
  for (const side of sides) side.stop();
  const [ours = [], theirs = []] = samples;
  return [
    row({
      id: 'P3',
      what: 'Ctrl-C against yes, until the prompt is back, p99; peer tmux attach',
      unit: 'ms',
      ours: orNone(ours, p99),
      peer: orNone(theirs, p99),
      target: 'p99 ≤ 50 ms and ≤ 1×',
      met: (value, ratio) => value <= 50 && ratio <= 1,
      extra: {
        ...(ours.length === 0 ? {} : { 'p50 ms': median(ours) }),
        ...(theirs.length === 0 ? {} : { 'tmux p50 ms': median(theirs) }),
        times: rounds * times,
      },
      notes: sides.map((side) => side.note),
    }),
  ];
}

async function openShell(side: Contestant): Promise<Terminal> {
  await side.start('yes', SHELL);
  const terminal = side.attach('yes');
  await terminal.quiet(400);
  return terminal;
}

async function interrupt(terminal: Terminal): Promise<number> {
  terminal.write('yes\r');
  await terminal.more(FLOWING);
  await sleep(FLOOD_MS);
  const back = terminal.waitFor(PROMPT.trim());
  const began = performance.now();
  terminal.write('\x03');
  const ended = await back;
  await terminal.quiet(50);
  return ended - began;
}
