/** One trial of F10: a sound log, one flipped bit or one truncation, and what must still hold after opening it. */
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack, unpackEvents } from '../codec.ts';
import { Kernel } from '../kernel.ts';
import type { DamageReport } from '../options.ts';
import { type ActorKind, EPOCH_EVENT } from '../types.ts';

export interface Trial {
  file: 'log.db' | 'log.db-wal' | 'anchors.log';
  fault: 'flip' | 'truncate' | 'remove';
  /** Where, as a part of the file's size, 0 … 1; and which bit of that byte. */
  at: number;
  bit: number;
}

export interface Outcome {
  damage: DamageReport | undefined;
  /** Events that can be read again, of all that were written. */
  kept: number;
  written: number;
}

/** What stands beside a stream after an event: its body, and a large cell that is mostly an older event's. */
function cellsOf(body: { n: number; text: string }): { key: string; value: Uint8Array }[] {
  const last = { key: 'last', value: pack(body) };
  return body.n % 40 < 3 ? [last, { key: 'large', value: pack(body.text.repeat(40)) }] : [last];
}

const tally: ActorKind<number> = {
  kind: 'tally',
  version: 1,
  initial: () => 0,
  decide: (_, { body }) => ({
    events: [{ type: 'said', body }],
    cells: cellsOf(body as { n: number; text: string }),
    reply: body,
  }),
  apply: (state) => state + 1,
};

const STREAMS = ['tally/a', 'tally/b', 'tally/c'];

export interface TrialLog {
  dir: string;
  written: Map<string, unknown[]>;
  /** By stream and key. */
  cells: Map<string, Map<string, Uint8Array>>;
}

/** A directory with a log of `events` events in three streams, anchored; and what was written. `live` keeps the WAL. */
export async function makeLog(events: number, live: boolean, parent = tmpdir()): Promise<TrialLog> {
  const dir = mkdtempSync(join(parent, 'skein-trial-'));
  const kernel = await Kernel.open({ dir, snapshotEvery: 50 });
  kernel.registerActor(tally);
  const written = new Map<string, unknown[]>(STREAMS.map((name) => [name, []]));
  const cells = new Map(STREAMS.map((name) => [name, new Map<string, Uint8Array>()]));
  for (let n = 0; n < events; ) {
    const replies: Promise<unknown>[] = [];
    for (let burst = 0; burst < 5 && n < events; burst += 1, n += 1) {
      const target = STREAMS[n % 3] ?? '';
      const body = { n, text: 'abcdefgh'.repeat(1 + (n % 40)) };
      written.get(target)?.push(body);
      for (const { key, value } of cellsOf(body)) cells.get(target)?.set(key, value);
      replies.push(kernel.execute('trial', { id: { client: 'c', seq: n + 1 }, target, type: 'say', body }));
    }
    await Promise.all(replies);
  }
  const copies = ['log.db', 'log.db-wal'].filter((file) => live && existsSync(join(dir, file)));
  for (const file of copies) copyFileSync(join(dir, file), join(dir, `${file}.copy`));
  await kernel.close();
  for (const file of copies) {
    copyFileSync(join(dir, `${file}.copy`), join(dir, file));
    rmSync(join(dir, `${file}.copy`));
  }
  return { dir, written, cells };
}

function harm(dir: string, { file, fault, at, bit }: Trial): void {
  const path = join(dir, file);
  if (fault === 'remove') return rmSync(path, { force: true });
  const bytes = readFileSync(path);
  const position = Math.min(bytes.length - 1, Math.floor(at * bytes.length));
  if (fault === 'truncate') return truncateSync(path, position);
  bytes[position] = (bytes[position] ?? 0) ^ (1 << bit);
  writeFileSync(path, bytes);
}

/** Throws if an altered event or cell is served, a loss goes unreported, or the log does not go on. The log is left as it is. */
export async function damageTrial(
  { dir: source, written, cells }: TrialLog,
  trial: Trial,
  parent = tmpdir(),
): Promise<Outcome> {
  const dir = mkdtempSync(join(parent, 'skein-trial-'));
  const reports: DamageReport[] = [];
  try {
    for (const file of readdirSync(source)) copyFileSync(join(source, file), join(dir, file));
    harm(dir, trial);
    const kernel = await Kernel.open({ dir, onDamage: (report) => reports.push(report) });
    try {
      kernel.registerActor(tally);
      let kept = await readBack(kernel, written, reports);
      if (kept === undefined) kept = await readBack(kernel, written, reports);
      if (kept === undefined) throw new Error('The log cannot be read after its repair.');
      for (const [target, wanted] of cells) await checkCells(kernel, target, wanted, reports);
      for (const target of STREAMS) await goesOn(kernel, target, written.get(target)?.length ?? 0);
      const total = [...written.values()].reduce((sum, events) => sum + events.length, 0);
      return { damage: reports[0], kept, written: total };
    } finally {
      await kernel.close();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The number of events that are as they were written; undefined if damage was met on the way and is being repaired. */
async function readBack(
  kernel: Kernel,
  written: Map<string, unknown[]>,
  reports: readonly DamageReport[],
): Promise<number | undefined> {
  let kept = 0;
  for (const [stream, bodies] of written) {
    if (!kernel.head(stream)) throw new Error(`${stream} is gone without a trace.`);
    const events: unknown[] = [];
    const cursor = await kernel.subscribe({ stream, from: { epoch: 0, offset: 0 }, follow: false });
    try {
      for (let page = await cursor.next(); page; page = await cursor.next()) {
        for (const event of unpackEvents(page.data)) if (event.type !== EPOCH_EVENT) events.push(event.body);
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'log_damaged')) throw error;
      await kernel.repaired();
      return undefined;
    } finally {
      cursor.close();
    }
    const prefix = JSON.stringify(bodies.slice(0, events.length));
    if (JSON.stringify(events) !== prefix) throw new Error(`${stream} serves what was not written.`);
    const told = reports.some(({ streams }) => streams.some((one) => one.stream === stream));
    if (events.length < bodies.length && !told) throw new Error(`${stream} lost events and nobody was told.`);
    kept += events.length;
  }
  return kept;
}

/** All that was kept beside a stream, or nothing of it: that only after a repair, and always where events were lost (L9). */
async function checkCells(
  kernel: Kernel,
  stream: string,
  wanted: Map<string, Uint8Array>,
  reports: readonly DamageReport[],
): Promise<void> {
  let found: Map<string, Uint8Array>;
  try {
    found = await kernel.cells(stream, '');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'log_damaged')) throw error;
    await kernel.repaired();
    found = await kernel.cells(stream, '');
  }
  const lost = reports.some(({ streams }) => streams.some((one) => one.stream === stream));
  if (found.size === 0 && reports.length > 0) return;
  if (lost) throw new Error(`${stream} lost events and has cells.`);
  const same = [...wanted].every(
    ([key, value]) => Buffer.compare(found.get(key) ?? pack('none'), value) === 0,
  );
  if (!same || found.size !== wanted.size) throw new Error(`${stream} has cells that were not kept so.`);
}

async function goesOn(kernel: Kernel, target: string, seq: number): Promise<void> {
  const id = { client: `after-${target}`, seq: 1 };
  const command = { id, target, type: 'say', body: { n: 0, text: `after ${seq}` } };
  let reply = await kernel.execute('trial', command);
  if (!reply.ok) {
    await kernel.repaired();
    reply = await kernel.execute('trial', command);
  }
  if (!reply.ok) throw new Error(`${target} does not go on: ${reply.error.message}`);
}
