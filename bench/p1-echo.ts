/** P1: how long a key takes from an attached terminal to the program's PTY and back, beside tmux and dtach. */
import { Side } from './lib/attempt.ts';
import { dtach } from './lib/dtach.ts';
import { echoes, figures, warmed } from './lib/echo.ts';
import { pinHarness } from './lib/machine.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { skein } from './lib/skein.ts';
import type { Terminal } from './lib/terminal.ts';
import { tmux } from './lib/tmux.ts';

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
  return await warmed(side.attach('echo'));
}
