/** Takes what is sound out of a damaged database: of each stream the longest prefix that verifies (L6). */
import type { Anchor } from '../log/anchors.ts';
import { GENESIS } from '../log/chain.ts';
import { type ChainPoint, ChunkReader, sound } from '../log/chunks.ts';
import { startEpoch } from '../log/epochs.ts';
import { freshEpoch } from '../log/fresh-epoch.ts';
import type { StreamsRow } from '../log/heads.ts';
import { type Db, REMOVING, rowId, STREAM_SPAN } from '../log/schema.ts';
import { holds, type StoredChunk, sealed, transactions } from '../log/seal.ts';
import type { Damage } from '../options.ts';
import type { SalvagedBlobs } from './salvage-blobs.ts';

/** Runs a read of the damaged file; where SQLite gives up, so does the read. */
function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

interface Candidate {
  number: number;
  /** Names it may have: its row's, then any anchor's whose hash is in its chain. */
  names: string[];
  epoch: number;
  base: ChainPoint;
}

/** Every stream that the table, the chunks or the anchors know of. */
function candidates(source: Db, anchors: readonly Anchor[]): Candidate[] {
  const rows = attempt(() => source.prepare<[], StreamsRow>('SELECT * FROM streams').all(), []);
  const found = new Map<number, Candidate>();
  for (const row of rows) {
    if (!Number.isSafeInteger(row.number) || !Buffer.isBuffer(row.base) || row.retained === REMOVING)
      continue;
    const base = { offset: row.retained - 1, hash: row.base };
    found.set(row.number, { number: row.number, names: [String(row.name)], epoch: row.epoch, base });
  }
  const next = source
    .prepare<[number], number>('SELECT id FROM chunks WHERE id >= ? ORDER BY id LIMIT 1')
    .pluck();
  for (let number = 1; ; number += 1) {
    const id = attempt(() => next.get(rowId(number, 0)), undefined);
    if (id === undefined) break;
    number = Math.floor(id / STREAM_SPAN);
    if (!found.has(number)) {
      found.set(number, { number, names: [], epoch: 0, base: { offset: 0, hash: GENESIS } });
    }
  }
  const hashAt = source.prepare<[number], Buffer>('SELECT hash FROM chunks WHERE id = ?').pluck();
  const chunks = new ChunkReader(source);
  const told = new Set(rows.map((row) => row.name));
  for (const { number, names } of found.values()) {
    const ending = anchors.filter((anchor) => {
      const hash = attempt(() => hashAt.get(rowId(number, anchor.offset)), undefined);
      return hash && hex(hash) === anchor.hash;
    });
    // An anchor within a sealed chunk is looked for only where its name is missing: each look hashes a whole chunk.
    const within = anchors.filter((anchor) => {
      if (ending.length > 0 || told.has(anchor.stream)) return false;
      const hash = attempt(() => chunks.hashAt(number, anchor.stream, anchor.offset), undefined);
      return hash && hex(hash) === anchor.hash;
    });
    names.push(...[...ending, ...within].map(({ stream }) => stream));
  }
  return [...found.values()];
}

/** Copies the chunks that verify and have their blobs, in order, and returns where they end. */
function copyPrefix(
  source: Db,
  target: Db,
  candidate: Candidate,
  name: string,
  blobs: SalvagedBlobs,
): ChainPoint & { epoch: number } {
  const insert = target.prepare('INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  let end: ChainPoint & { epoch: number } = { ...candidate.base, epoch: 0 };
  attempt(() => {
    for (const chunk of new ChunkReader(source).raw(candidate.number, end.offset + 1, STREAM_SPAN - 1)) {
      const whole = sound(chunk) && holds(end.hash, name, end.offset, chunk);
      let kept = whole ? chunk : soundPart(end, name, chunk);
      const lost = kept && blobs.firstLost(kept);
      if (lost !== undefined) kept = soundPart(end, name, chunk, lost);
      if (!kept) return;
      const { first, last, epoch, key, hash, sizes, data, seal } = kept;
      insert.run(rowId(candidate.number, last), first, epoch, key, hash, sizes, data, seal);
      blobs.refer(candidate.number, kept);
      end = { offset: last, hash, epoch };
      if (last !== chunk.last) return;
    }
  }, undefined);
  return end;
}

/** The transactions of a row that are still what was written and end before event `before`, as a row of their own. */
function soundPart(
  end: ChainPoint,
  name: string,
  chunk: StoredChunk,
  before = Number.POSITIVE_INFINITY,
): StoredChunk | undefined {
  if (!sound(chunk) || chunk.seal === null || chunk.first !== end.offset + 1) return undefined;
  const parts = [...transactions(end.hash, name, chunk)].filter(({ last }) => last < before);
  return parts.length > 0 ? sealed(end.hash, name, parts) : undefined;
}

/** The highest offset that anything still mentions: rows beyond the break count as lost. */
function lastMentioned(source: Db, number: number): number {
  const stmt = source
    .prepare<[number, number], number>(
      'SELECT id FROM chunks WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1',
    )
    .pluck();
  const id = attempt(() => stmt.get(rowId(number, 0), rowId(number + 1, 0)), undefined);
  return id === undefined ? 0 : id - rowId(number, 0);
}

/** Fills `target`, in a transaction of the caller's; `source` is null when nothing of it can be opened. */
export function salvage(
  source: Db | null,
  target: Db,
  blobs: SalvagedBlobs,
  anchors: readonly Anchor[],
  now: number,
): Damage[] {
  const damage: Damage[] = [];
  const names = new Set<string>();
  let highest = 0;
  const insert = target.prepare("INSERT INTO streams VALUES (?, ?, ?, ?, ?, 0, 0, x'')");
  const add = (
    number: number,
    name: string,
    end: ChainPoint & { epoch: number },
    base: ChainPoint,
    seen: number,
  ) => {
    const anchor = anchors.find((one) => one.stream === name);
    const oldEpoch = anchor?.epoch || end.epoch;
    names.add(name);
    highest = Math.max(highest, number);
    insert.run(number, name, end.epoch, base.offset + 1, base.hash);
    const known = Math.max(seen, anchor?.offset ?? 0);
    const whole = end.epoch !== 0 && end.offset >= known && agrees(target, number, anchor, end);
    if (whole) return;
    const from = { offset: end.offset, hash: end.hash };
    const { epoch } = startEpoch(target, { number, name, oldEpoch, from, now, reason: 'damage' });
    damage.push({ stream: name, oldEpoch, epoch, kept: end.offset, lost: Math.max(0, known - end.offset) });
  };
  for (const candidate of source ? attempt(() => candidates(source, anchors), []) : []) {
    if (!source) break;
    const seen = lastMentioned(source, candidate.number);
    for (const name of [...new Set(candidate.names)]) {
      if (names.has(name)) continue;
      const end = copyPrefix(source, target, candidate, name, blobs);
      const last = name === candidate.names.at(-1);
      if (end.epoch === 0 && !last) continue;
      const empty = end.epoch === 0 && seen === 0 && !anchors.some((one) => one.stream === name);
      if (empty) insert.run(candidate.number, name, candidate.epoch || freshEpoch(), 1, GENESIS);
      else add(candidate.number, name, end, candidate.base, seen);
      break;
    }
  }
  for (const anchor of anchors) {
    if (names.has(anchor.stream)) continue;
    const base = { offset: 0, hash: GENESIS };
    add(highest + 1, anchor.stream, { ...base, epoch: 0 }, base, anchor.offset);
  }
  return damage;
}

function agrees(target: Db, number: number, anchor: Anchor | undefined, end: ChainPoint): boolean {
  if (!anchor || anchor.offset === 0 || anchor.offset > end.offset) return true;
  const hash = new ChunkReader(target).hashAt(number, anchor.stream, anchor.offset);
  return hash === undefined || hex(hash) === anchor.hash;
}

function hex(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex');
}
