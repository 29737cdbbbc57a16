/** P11: attach, resume and `ls` must not become slower as history and sessions grow; each is its own peer. */
import type { Client } from '@skein/protocol/client/client';
import { Side } from './lib/attempt.ts';
import { connectClient, paintScreen } from './lib/client.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { seedSession } from './lib/seed.ts';
import { openSessions } from './lib/sessions.ts';
import { LAUNCHER, type Skein, skein } from './lib/skein.ts';
import { timeToEnd } from './lib/start-time.ts';
import { median, orNone } from './lib/stats.ts';

const SHORT = 10_000;
const SESSION = 'grown';
const FEW = 10;

export const p11: Family = { ids: ['P11'], run: runGrowth };

interface Seen {
  attach: number[];
  resume: number[];
}

async function runGrowth({ quick, say }: BenchOptions): Promise<Row[]> {
  const long = quick ? 500_000 : 10_000_000;
  const many = quick ? 100 : 1_000;
  const times = quick ? 10 : 40;
  const first = new Side('skein', skein('all'));
  const found = first.use as Skein | undefined;
  let short: Seen | undefined;
  let grown: Seen | undefined;
  if (found !== undefined) {
    say(`P11 with ${SHORT} events`);
    short = await first.attempt(() => historyOf(found, SHORT, times));
    say(`P11 with ${long} events`);
    grown = await first.attempt(() => historyOf(found, long, times));
  }
  first.stop();
  const second = new Side('skein', skein('one'));
  const other = second.use as Skein | undefined;
  let fewTimes: number[] | undefined;
  let manyTimes: number[] | undefined;
  if (other !== undefined) {
    say(`P11 with ${FEW} sessions`);
    fewTimes = await second.attempt(() => lists(other, 0, FEW, times));
    say(`P11 with ${many} sessions`);
    manyTimes = await second.attempt(() => lists(other, FEW, many, times));
  }
  second.stop();
  const compare = (what: string, unit: string, large?: number[], small?: number[], note?: string) =>
    row({
      ...{ id: 'P11', what, unit, target: '≤ 1.2×' },
      ours: orNone(large ?? [], median),
      peer: orNone(small ?? [], median),
      met: (_, ratio) => ratio <= 1.2,
      notes: [note],
    });
  return [
    compare(`attach at ${long} events; peer at ${SHORT}`, 'ms', grown?.attach, short?.attach, first.note),
    compare(`resume at ${long} events; peer at ${SHORT}`, 'ms', grown?.resume, short?.resume, first.note),
    compare(`ls at ${many} sessions; peer at ${FEW}`, 'ms', manyTimes, fewTimes, second.note),
  ];
}

async function historyOf(product: Skein, events: number, times: number): Promise<Seen> {
  if (events === SHORT) await product.start(SESSION, ['cat']);
  const { stream, head } = await seedSession(product, SESSION, events);
  const client = await connectClient(product.home);
  const seen: Seen = { attach: [], resume: [] };
  for (let n = 0; n < times; n++) {
    seen.attach.push(await timed(() => paintScreen(client, SESSION)));
    seen.resume.push(await timed(() => resume(client, stream, head)));
  }
  client.close();
  return seen;
}

/** Goes on from a cursor a page before the head until it has caught up. */
async function resume(client: Client, stream: string, head: number): Promise<void> {
  for await (const page of client.subscribe({ stream, from: { offset: head - 100 }, follow: false })) {
    if (page.events.length === 0) throw new Error('an empty page');
  }
}

async function lists(product: Skein, from: number, to: number, times: number): Promise<number[]> {
  await openSessions(product, from, to);
  const found: number[] = [];
  for (let n = 0; n < times; n++) found.push(timeToEnd(LAUNCHER, ['ls'], product.env, 'one'));
  return found;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
