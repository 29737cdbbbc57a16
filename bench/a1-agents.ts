/** A1: ten agents that talk at once: the echo of a key beside them, what they cost in memory, and how fast one's history is read. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Side } from './lib/attempt.ts';
import { connectClient } from './lib/client.ts';
import { echoes, figures, warmed } from './lib/echo.ts';
import { MEBIBYTE, pss } from './lib/memory.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { seedSession } from './lib/seed.ts';
import { type Skein, skein } from './lib/skein.ts';
import { median, orNone } from './lib/stats.ts';

const AGENTS = 10;

/** Words a second of one agent: what models say, and as many as are taken. */
const PACE = 100;
const FULL = 0;
const RATES = [PACE, FULL] as const;
type Rate = (typeof RATES)[number];

/** Milliseconds until agents that were prompted stream evenly. */
const UNDERWAY_MS = 1_000;

/** Events of one agent that are read back. */
const HISTORY = 100_000;

export const a1: Family = { ids: ['A1'], run: runAgents };

interface Streamed {
  alone: number[];
  beside: number[];
  /** Events a second that came of all agents together; words that come together are one. */
  events: number;
}

async function runAgents({ quick, say }: BenchOptions): Promise<Row[]> {
  const settle = quick ? 5_000 : 30_000;
  const keys = quick ? 60 : 200;
  const plain = new Side('skein', skein('all'));
  const found = new Map<Rate, Streamed[]>(RATES.map((rate) => [rate, []]));
  const seen = await plain.attempt(async () => {
    const product = plain.use as Skein;
    await product.start('echo', ['cat']);
    await sleep(settle);
    const before = await memory(product);
    await agents(product);
    await sleep(settle);
    const idle = await memory(product);
    const terminal = await warmed(product.attach('echo'));
    for (let round = 0; round < (quick ? 3 : 5); round++) {
      say(`A1 ${PACE} words a second, round ${round + 1}`);
      found.get(PACE)?.push(await streamed(product, PACE, () => echoes(terminal, keys)));
      await each((ref) => product.cli('cancel', ref));
    }
    say('A1 at full speed');
    // Last, and never cancelled: what they have said by then would have to be read first.
    found.get(FULL)?.push(await streamed(product, FULL, () => echoes(terminal, 3 * keys)));
    const after = await memory(product);
    await terminal.close();
    return { before, idle, after };
  });
  plain.stop();
  say('A1 with the mesh');
  const other = new Side('skein', skein('all'));
  const meshed = await other.attempt(async () => {
    const product = other.use as Skein;
    await product.start('echo', ['cat']);
    await product.cli('mesh', '--on');
    await agents(product);
    await streamed(product, PACE, () => sleep(2_000).then(() => []));
    const { node } = await memory(product);
    say('A1 reading history');
    return { node, replay: await replay(product) };
  });
  other.stop();
  const idle = share(seen?.before?.all, seen?.idle?.all);
  return [
    ...RATES.map((rate) => echoRow(rate, found.get(rate) ?? [], plain.note)),
    memoryRow(
      'PSS of a node that ten agents stream through at full speed',
      seen?.after?.node,
      150,
      plain.note,
    ),
    memoryRow(`the same with the mesh on, at ${PACE} words a second`, meshed?.node, 220, other.note),
    row({
      ...{
        id: 'A1',
        what: 'each idle agent of ten, in the node and in hosts, its program apart',
        unit: 'MiB',
      },
      ...{ ours: idle, peer: undefined, target: 'told', alone: true, met: () => true, notes: [plain.note] },
    }),
    row({
      ...{ id: 'A1', what: `replay of ${HISTORY} events of agents to a client`, unit: '/s' },
      ...{ ours: meshed?.replay, peer: undefined, target: 'told', alone: true, met: () => true },
      notes: [other.note],
    }),
  ];
}

function echoRow(rate: Rate, rounds: Streamed[], note: string | undefined): Row {
  const beside = figures(rounds.map((one) => one.beside));
  const alone = figures(rounds.map((one) => one.alone));
  const what = rate === FULL ? 'at full speed' : `of ${rate} words a second`;
  const told = orNone(
    rounds.map(({ events }) => events),
    median,
  );
  return row({
    ...{ id: 'A1', what: `echo of a key beside ten agents ${what}; peer the same, them idle`, unit: 'µs' },
    ...{ ours: beside.p50, peer: alone.p50, target: '≤ 2×', met: (_, ratio) => ratio <= 2, notes: [note] },
    extra: {
      ...(beside.p99 === undefined ? {} : { 'p99 µs': beside.p99 }),
      ...(alone.p99 === undefined ? {} : { 'alone p99 µs': alone.p99 }),
      ...(told === undefined ? {} : { 'events/s': told }),
    },
  });
}

function memoryRow(what: string, bytes: number | undefined, target: number, note: string | undefined): Row {
  return row({
    ...{ id: 'A1', what, unit: 'MiB', ours: inMebibytes(bytes), peer: undefined, target: `≤ ${target} MB` },
    ...{ alone: true, met: (value) => value * MEBIBYTE <= target * 1e6, notes: [note] },
  });
}

const inMebibytes = (bytes: number | undefined) => (bytes === undefined ? undefined : bytes / MEBIBYTE);
const share = (before: number | undefined, after: number | undefined) =>
  before === undefined || after === undefined ? undefined : (after - before) / AGENTS / MEBIBYTE;

/** Ten agents in one session, each ready for a prompt. */
async function agents(product: Skein): Promise<void> {
  const dir = join(product.home, 'agents');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const program = join(import.meta.dirname, 'lib/streaming-agent.ts');
  const definition = { driver: 'acp', command: process.execPath, args: [program], version: false };
  // JSON is YAML.
  writeFileSync(join(dir, 'words.yaml'), JSON.stringify(definition), { mode: 0o600 });
  await product.cli('spawn', 'words', '--name', 'team', '--as', 'w0');
  for (let n = 1; n < AGENTS; n++) await product.cli('spawn', 'words', '--in', 'team', '--as', `w${n}`);
}

function each(work: (ref: string) => Promise<unknown>): Promise<unknown> {
  return Promise.all(Array.from({ length: AGENTS }, (_, n) => work(`team/w${n}`)));
}

/** What keys take with the agents idle, and then while all of them tell. */
async function streamed(product: Skein, rate: Rate, keys: () => Promise<number[]>): Promise<Streamed> {
  const alone = await keys();
  await each((ref) => product.cli('prompt', ref, String(rate)));
  await sleep(UNDERWAY_MS);
  const began = { at: performance.now(), head: await head(product) };
  const beside = await keys();
  const events = ((await head(product)) - began.head) / ((performance.now() - began.at) / 1_000);
  return { alone, beside, events };
}

async function head(product: Skein): Promise<number> {
  const client = await connectClient(product.home);
  const { cursor } = await client.ask('session', { ref: 'team' });
  client.close();
  return cursor?.offset ?? 0;
}

async function memory(product: Skein): Promise<{ node: number | undefined; all: number | undefined }> {
  const { pid, hosts } = await product.status();
  return { node: pss([pid]), all: pss([pid, ...hosts.map((host) => host.pid)]) };
}

/** Events a second. */
async function replay(product: Skein): Promise<number> {
  const piece = { run: 'run', turn: 'turn', item: 'item', from: 'agent', text: 'A few words of an answer. ' };
  const event = { type: 'message.delta', at: 1_760_000_000_000, by: { kind: 'node' }, body: piece };
  const { stream } = await seedSession(product, 'team', HISTORY, event);
  const client = await connectClient(product.home);
  const rates: number[] = [];
  for (let round = 0; round < 5; round++) {
    const began = performance.now();
    let count = 0;
    for await (const page of client.subscribe({ stream, from: { offset: 0 }, follow: false }))
      count += page.events.length;
    rates.push((count * 1_000) / (performance.now() - began));
  }
  client.close();
  return median(rates);
}
