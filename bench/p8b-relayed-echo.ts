/** P8b: how long a key takes from an attached terminal through a relay to a PTY of another node and back, beside `ssh -J`. */
import { Side } from './lib/attempt.ts';
import { echoes, figures, warmed } from './lib/echo.ts';
import { pinHarness } from './lib/machine.ts';
import { relayed } from './lib/relayed.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { sshJump } from './lib/ssh.ts';
import type { Terminal } from './lib/terminal.ts';

const ROUNDS = 5;

/** Said by the far program. Until then what comes back may be the echo of the harness's own PTY, not yet made raw. */
const OPEN = 'IT-IS-OPEN';

export const p8b: Family = { ids: ['P8b'], run: runRelayedEcho };

async function runRelayedEcho({ quick, say }: BenchOptions): Promise<Row[]> {
  const keys = quick ? 80 : 240;
  pinHarness('one');
  const sides = [new Side('skein', relayed('one')), new Side('ssh -J', sshJump('one'))];
  const found = sides.map((): number[][] => []);
  const terminals: (Terminal | undefined)[] = [];
  for (const side of sides) {
    say(`P8b opening ${side.name}`);
    terminals.push(
      await side.attempt(async (use) => {
        await use.start('echo', ['sh', '-c', `echo ${OPEN}; exec cat`]);
        const terminal = use.attach('echo');
        await terminal.waitFor(OPEN);
        return await warmed(terminal);
      }),
    );
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [n, side] of sides.entries()) {
      const terminal = terminals[n];
      if (terminal === undefined) continue;
      say(`P8b ${side.name}, round ${round + 1} of ${ROUNDS}`);
      const samples = await side.attempt(() => echoes(terminal, keys));
      if (samples !== undefined) found[n]?.push(samples);
    }
  }
  for (const terminal of terminals) await terminal?.close();
  for (const side of sides) side.stop();
  pinHarness('all');
  const [ours, theirs] = found.map(figures);
  return [
    row({
      id: 'P8b',
      what: 'relayed echo of a key, p50; peer ssh -J',
      unit: 'µs',
      ours: ours?.p50,
      peer: theirs?.p50,
      target: 'p50 ≤ 1×',
      met: (_, ratio) => ratio <= 1,
      extra: {
        ...(ours?.p99 === undefined ? {} : { 'p99 µs': ours.p99 }),
        ...(theirs?.p99 === undefined ? {} : { 'ssh -J p99 µs': theirs.p99 }),
        keys: ROUNDS * keys,
      },
      notes: sides.map((side) => side.note),
    }),
  ];
}
