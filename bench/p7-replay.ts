/** P7: replay of a million events to a client on the socket, against paged reads of SQLite and decoding alone. */
import { Side } from './lib/attempt.ts';
import { BareLog } from './lib/bare-log.ts';
import { connectClient } from './lib/client.ts';
import { MEBIBYTE, pss } from './lib/memory.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { seedSession } from './lib/seed.ts';
import { type Skein, skein } from './lib/skein.ts';
import { median, orNone } from './lib/stats.ts';

/** What "flat memory" allows the node to grow by while it serves a long history. */
const FLAT = 64 * MEBIBYTE;

/** Milliseconds between looks at memory. */
const LOOK_MS = 20;

export const p7: Family = { ids: ['P7'], run: runReplay };

async function runReplay({ quick, say }: BenchOptions): Promise<Row[]> {
  const rounds = 5;
  const events = quick ? 200_000 : 1_000_000;
  const product = skein('all');
  const side = new Side('skein', product);
  say(`P7 writing ${events} events`);
  const stream = await side.attempt(async () => {
    const use = product.use as Skein;
    await use.start('replay', ['sleep', '86400']);
    return (await seedSession(use, 'replay', events)).stream;
  });
  const bare = new BareLog();
  bare.fill(events);
  const ours: number[] = [];
  const theirs: number[] = [];
  let grown = 0;
  for (let round = 0; round < rounds; round++) {
    say(`P7 round ${round + 1} of ${rounds}`);
    const one = await side.attempt(async () =>
      stream === undefined ? undefined : replay(product.use as Skein, stream),
    );
    if (one !== undefined) {
      ours.push(one.rate);
      // The first round fills caches that have a bound; flat is what the rest does.
      if (round > 0) grown = Math.max(grown, one.grown);
    }
    const began = performance.now();
    theirs.push((bare.replay() * 1_000) / (performance.now() - began));
  }
  side.stop();
  bare.close();
  return [
    row({
      id: 'P7',
      what: `replay of ${events} events to a client; peer paged SQLite read and decode`,
      unit: '/s',
      ours: orNone(ours, median),
      peer: orNone(theirs, median),
      target: '≥ 0.8× its rate, flat memory',
      met: (_, ratio) => ratio >= 0.8 && grown <= FLAT,
      extra: ours.length === 0 ? {} : { 'node grown MiB': grown / MEBIBYTE },
      notes: [side.note],
    }),
  ];
}

async function replay(product: Skein, stream: string): Promise<{ rate: number; grown: number }> {
  const { pid } = await product.status();
  const client = await connectClient(product.home);
  const before = pss([pid]) ?? 0;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, pss([pid]) ?? 0);
  }, LOOK_MS);
  const began = performance.now();
  let count = 0;
  for await (const page of client.subscribe({ stream, from: { offset: 0 }, follow: false }))
    count += page.events.length;
  const took = performance.now() - began;
  clearInterval(watch);
  client.close();
  return { rate: (count * 1_000) / took, grown: most - before };
}
