/**
 * P10: after a cut, until a client of another node has the state whole again: from the moment that the two nodes have proved who
 * they are (Noise), and from the moment that the link is restored; over links of several round trips, relayed and direct.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@skein/protocol/client/client';
import { Joined, type Link } from '../test/support/joined.ts';
import { Random } from '../test/support/random.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { atEnd } from './lib/teardown.ts';

/** Milliseconds. */
const ROUND_TRIPS = [1, 50, 200];
const SAMPLES = 7;
/** Milliseconds for which the link is cut: long enough for tries to be as far apart as they get. */
const CUT_MS = [2_000, 3_000] as const;

export const p10: Family = { ids: ['P10'], run };

type Way = 'relayed' | 'direct';

interface Figures {
  proved: number[];
  restored: number[];
}

async function run({ quick, say }: BenchOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const way of ['relayed', 'direct'] as const) {
    for (const rtt of ROUND_TRIPS) {
      say(`P10 ${way}, ${rtt} ms`);
      const found = await measure(way, rtt, quick ? 3 : SAMPLES).catch((error: Error) => error);
      rows.push(...rowsOf(way, rtt, found));
    }
  }
  return rows;
}

function rowsOf(way: Way, rtt: number, found: Figures | Error): Row[] {
  const figures = found instanceof Error ? undefined : found;
  const notes = [found instanceof Error ? found.message : undefined];
  const one = (what: string, values: number[] | undefined, target: string, limit: number): Row =>
    row({
      id: 'P10',
      what: `${what}, ${way}, ${rtt} ms away`,
      unit: 'ms',
      ours: values && median(values),
      peer: undefined,
      alone: true,
      target,
      met: (value) => value <= limit,
      extra: values === undefined ? {} : { max: Math.max(...values), samples: values.length },
      notes,
    });
  return [
    one('state whole after Noise', figures?.proved, '≤ 1 RTT + 50 ms', rtt + 50),
    one('state whole after the link is restored', figures?.restored, '≤ 8 RTT + 1 s', 8 * rtt + 1_000),
  ];
}

async function measure(way: Way, rtt: number, samples: number): Promise<Figures> {
  const random = new Random(rtt);
  const joined = await Joined.start({ random, relays: way === 'relayed' ? 1 : 0, direct: way === 'direct' });
  const forget = atEnd(() => void joined.end());
  const figures: Figures = { proved: [], restored: [] };
  try {
    // Through a relay there are two links each way.
    const links: Link[] = way === 'relayed' ? ['node-relay', 'relay-node'] : ['direct'];
    for (const link of links) lag(joined, link, rtt / 2 / links.length);
    const { id } = await joined.here.ask('session', { ref: 'api' });
    const reader = new Reader(await joined.away(), `session/${id}`);
    await reader.until(1);
    while (figures.restored.length < samples) {
      const cut = joined.links.get(links[0] as Link);
      cut?.shut();
      await sleep(random.int(...CUT_MS));
      const offset = await change(joined.here, id);
      cut?.heal();
      const restored = Date.now();
      const whole = await reader.until(offset);
      const { since = Number.NaN } = await joined.path();
      figures.restored.push(whole - restored);
      figures.proved.push(whole - since);
      await sleep(1_000);
    }
    reader.close();
    return figures;
  } finally {
    forget();
    await joined.end();
  }
}

function lag(joined: Joined, link: Link, ms: number): void {
  const found = joined.links.get(link);
  if (found !== undefined) found.lag = ms;
}

/** Changes the state at its home; the offset of the event that says so. */
async function change(client: Client, id: string): Promise<number> {
  await client.command('node', 'session.rename', { id, name: `n${Date.now()}` });
  let offset = 0;
  for await (const page of client.subscribe({ stream: `session/${id}`, from: { offset: 0 }, follow: false }))
    offset = page.first + page.events.length - 1;
  return offset;
}

/** Follows a stream; says when it has come to an offset. */
class Reader {
  readonly #client: Client;
  #offset = 0;
  #waiting: (() => void) | undefined;

  constructor(client: Client, stream: string) {
    this.#client = client;
    void this.#read(stream).catch(() => {});
  }

  async #read(stream: string): Promise<void> {
    for await (const page of this.#client.subscribe({ stream, from: { offset: 0 }, follow: true })) {
      this.#offset = page.first + page.events.length - 1;
      this.#waiting?.();
    }
  }

  /** Milliseconds since 1970 when the event was there. */
  async until(offset: number): Promise<number> {
    while (this.#offset < offset) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    return Date.now();
  }

  close(): void {
    this.#client.close();
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
