/** P6: a durable command, from one client and from sixty-four, against SQLite alone writing the same rows and hash. */
import type { Client } from '@skein/protocol/client/client';
import { Side } from './lib/attempt.ts';
import { BareLog } from './lib/bare-log.ts';
import { connectClient } from './lib/client.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { openSessions } from './lib/sessions.ts';
import { type Skein, skein } from './lib/skein.ts';
import { median, orNone, p99 } from './lib/stats.ts';

const CLIENTS = 64;

export const p6: Family = { ids: ['P6'], run: runCommands };

async function runCommands({ quick, say }: BenchOptions): Promise<Row[]> {
  const rounds = 5;
  const each = quick ? 100 : 400;
  const product = skein('all');
  const side = new Side('skein', product);
  const found = {
    one: [] as number[],
    bareOne: [] as number[],
    many: [] as number[],
    bareMany: [] as number[],
  };
  say(`P6 opening ${CLIENTS} sessions`);
  const renamers = await side.attempt(() => openRenamers(product.use as Skein));
  const bare = new BareLog();
  let seq = 0;
  for (let round = 0; round < rounds; round++) {
    say(`P6 round ${round + 1} of ${rounds}`);
    for (let n = 0; n < each; n++) {
      const first = renamers?.[0];
      const took = await side.attempt(async () => (first === undefined ? undefined : timed(() => first())));
      if (took !== undefined) found.one.push(took);
      found.bareOne.push(await timed(async () => bare.rename([1], ++seq)));
    }
    const rate = await side.attempt(async () =>
      renamers === undefined ? undefined : rateOf(renamers, each),
    );
    if (rate !== undefined) found.many.push(rate);
    found.bareMany.push(bareRate(bare, each, () => ++seq));
  }
  side.stop();
  bare.close();
  const notes = [side.note];
  return [
    row({
      id: 'P6',
      what: 'durable command, one client, p50; peer SQLite FULL',
      unit: 'µs',
      ours: orNone(found.one, median),
      peer: orNone(found.bareOne, median),
      target: 'p50 ≤ 1.5×',
      met: (_, ratio) => ratio <= 1.5,
      extra: {
        ...(found.one.length === 0 ? {} : { 'p99 µs': p99(found.one) }),
        'SQLite p99 µs': p99(found.bareOne),
      },
      notes,
    }),
    row({
      id: 'P6',
      what: `durable commands, ${CLIENTS} clients; peer SQLite FULL, ${CLIENTS} a transaction`,
      unit: '/s',
      ours: orNone(found.many, median),
      peer: orNone(found.bareMany, median),
      target: '≥ 0.5× its rate',
      met: (_, ratio) => ratio >= 0.5,
      notes,
    }),
  ];
}

type Renamer = () => Promise<unknown>;

/** One client a session, each of which gives its session a new name at every call. */
async function openRenamers(product: Skein): Promise<Renamer[]> {
  await openSessions(product, 0, CLIENTS);
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connectClient(product.home)));
  const sessions = await (clients[0] as Client).ask('sessions', {});
  return clients.map((client, index) => {
    const id = sessions[index]?.id ?? '';
    let n = 0;
    return () => client.command('node', 'session.rename', { id, name: `c${index}-${++n}` });
  });
}

/** Microseconds. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) * 1_000;
}

/** Commands a second when every client sends its next as soon as it has the answer. */
async function rateOf(renamers: readonly Renamer[], each: number): Promise<number> {
  const began = performance.now();
  await Promise.all(
    renamers.map(async (rename) => {
      for (let n = 0; n < each; n++) await rename();
    }),
  );
  return (renamers.length * each * 1_000) / (performance.now() - began);
}

function bareRate(bare: BareLog, each: number, next: () => number): number {
  const clients = Array.from({ length: CLIENTS }, (_, index) => index + 1);
  const began = performance.now();
  for (let n = 0; n < each; n++) bare.rename(clients, next());
  return (CLIENTS * each * 1_000) / (performance.now() - began);
}
