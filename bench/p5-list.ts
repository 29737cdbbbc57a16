/** P5: `skein ls` as installed, launcher and all, with a hundred sessions, against a Node that does nothing. */
import { Side } from './lib/attempt.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { openSessions } from './lib/sessions.ts';
import { LAUNCHER, skein } from './lib/skein.ts';
import { bareNode, timeToEnd } from './lib/start-time.ts';
import { median, orNone } from './lib/stats.ts';
import { plainEnvironment } from './lib/terminal.ts';

const SESSIONS = 100;

export const p5: Family = { ids: ['P5'], run: runList };

async function runList({ quick, say }: BenchOptions): Promise<Row[]> {
  const times = quick ? 10 : 40;
  const product = skein('one');
  const side = new Side('skein', product);
  const { use } = product;
  say(`P5 opening ${SESSIONS} sessions`);
  if (use !== undefined) await side.attempt(() => openSessions(use, 0, SESSIONS));
  const ours: number[] = [];
  const theirs: number[] = [];
  const env = use?.env ?? plainEnvironment();
  say('P5 listing');
  for (let n = 0; n < times; n++) {
    const one = await side.attempt(async () => timeToEnd(LAUNCHER, ['ls'], env, 'one'));
    if (one !== undefined) ours.push(one);
    theirs.push(bareNode(env, 'one'));
  }
  side.stop();
  return [
    row({
      id: 'P5',
      what: `skein ls, ${SESSIONS} sessions; peer node -e 0`,
      unit: 'ms',
      ours: orNone(ours, median),
      peer: orNone(theirs, median),
      target: '≤ 1.35×',
      met: (_, ratio) => ratio <= 1.35,
      extra: { times },
      notes: [side.note],
    }),
  ];
}
