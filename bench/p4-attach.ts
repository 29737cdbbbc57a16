/** P4: attaching to a session with 50,000 lines behind it until its screen is painted, cold and from a running client. */
import { Side } from './lib/attempt.ts';
import { connectClient, paintScreen } from './lib/client.ts';
import { type Contestant, SHELL } from './lib/contestant.ts';
import { pinHarness } from './lib/machine.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { skein } from './lib/skein.ts';
import { bareNode } from './lib/start-time.ts';
import { median, orNone } from './lib/stats.ts';
import { plainEnvironment } from './lib/terminal.ts';
import { tmux } from './lib/tmux.ts';

const LINES = 50_000;
const SESSION = 'long';

/** Stands on the screen's last line but one, and nowhere in the command that printed it. */
const MARK = 'the-end';

export const p4: Family = { ids: ['P4'], run: runAttach };

async function runAttach({ quick, say }: BenchOptions): Promise<Row[]> {
  const times = quick ? 8 : 30;
  const product = skein('one');
  const ours = new Side('skein', product);
  const theirs = new Side('tmux', tmux('one'));
  say(`P4 printing ${LINES} lines`);
  for (const side of [ours, theirs]) await side.attempt(fill);
  pinHarness('one');
  const cold: number[] = [];
  const beside: number[] = [];
  const bare: number[] = [];
  say('P4 attaching');
  for (let n = 0; n < times; n++) {
    const one = await ours.attempt(paint);
    if (one !== undefined) cold.push(one);
    const other = await theirs.attempt(paint);
    if (other !== undefined) beside.push(other);
    bare.push(bareNode(plainEnvironment(), 'one'));
  }
  const warm: number[] = [];
  const { use } = product;
  if (use !== undefined) {
    await ours.attempt(async () => {
      const client = await connectClient(use.home);
      for (let n = 0; n < times; n++) {
        const began = performance.now();
        await paintScreen(client, SESSION);
        warm.push(performance.now() - began);
      }
      client.close();
    });
  }
  pinHarness('all');
  ours.stop();
  theirs.stop();
  const yardstick = orNone(bare, median);
  const painted = orNone(beside, median);
  const notes = [ours.note, theirs.note];
  return [
    row({
      id: 'P4',
      what: `attach until painted, ${LINES} lines of history, cold; peer node -e 0`,
      unit: 'ms',
      ours: orNone(cold, median),
      peer: yardstick,
      target: '≤ +20 ms',
      met: (value) => value <= (yardstick ?? 0) + 20,
      extra: painted === undefined ? {} : { 'tmux attach ms': painted },
      notes,
    }),
    row({
      id: 'P4',
      what: 'the same from a client already running; peer tmux attach',
      unit: 'ms',
      ours: orNone(warm, median),
      peer: painted,
      target: '≤ 2 ms',
      met: (value) => value <= 2,
      alone: true,
      notes,
    }),
  ];
}

async function fill(side: Contestant): Promise<void> {
  await side.start(SESSION, SHELL);
  const terminal = side.attach(SESSION);
  await terminal.quiet(400);
  const done = terminal.waitFor(MARK);
  terminal.write(`seq -f 'line number %.0f' 1 ${LINES}; echo the-''end\r`);
  await done;
  await terminal.quiet(300);
  await terminal.close();
}

/** Milliseconds from starting the client to the mark on its terminal. */
async function paint(side: Contestant): Promise<number> {
  const began = performance.now();
  const terminal = side.attach(SESSION);
  const ended = await terminal.waitFor(MARK);
  await terminal.close();
  return ended - began;
}
