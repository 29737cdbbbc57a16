/** What the writer knows of each stream without asking the database: where its chain ends. */

import type { StreamRow } from '../wire.ts';
import type { Anchor } from './anchors.ts';
import { type ChainPoint, ChunkReader } from './chunks.ts';
import { type Db, REMOVING, rowId } from './schema.ts';

export interface Head extends ChainPoint {
  number: number;
  name: string;
  epoch: number;
  /** The chain just before the first event that can be read. */
  base: ChainPoint;
  /** The last offset that a start has verified. */
  verified: number;
  /** How far its chunks have been looked at for joining (see merge.ts). */
  sealed: number;
}

export interface StreamsRow {
  number: number;
  name: string;
  epoch: number;
  retained: number;
  base: Buffer;
  verified: number;
  sealed: number;
  cells: Buffer;
}

export function readHeads(db: Db): Map<number, Head> {
  const rows = db.prepare<[], StreamsRow>(`SELECT * FROM streams WHERE retained <> ${REMOVING}`).all();
  const last = db
    .prepare<[number, number], [number, Buffer]>(
      'SELECT id, hash FROM chunks WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1',
    )
    .raw();
  const heads = new Map<number, Head>();
  for (const row of rows) {
    const base = { offset: row.retained - 1, hash: row.base };
    const end = last.get(rowId(row.number, row.retained), rowId(row.number + 1, 0));
    const point = end ? { offset: end[0] - rowId(row.number, 0), hash: end[1] } : base;
    heads.set(row.number, {
      number: row.number,
      name: row.name,
      epoch: row.epoch,
      verified: row.verified,
      sealed: row.sealed,
      base,
      ...point,
    });
  }
  return heads;
}

export function toStreamRow(head: Head): StreamRow {
  return {
    number: head.number,
    name: head.name,
    epoch: head.epoch,
    first: head.base.offset + 1,
    head: head.offset,
  };
}

/**
 * Verifies what was written since the last mark, and compares with the anchors (L6).
 * Returns what is wrong in one sentence, or undefined; throws if the database cannot be read.
 */
export function findDamage(db: Db, heads: Map<number, Head>, anchors: readonly Anchor[]): string | undefined {
  const reader = new ChunkReader(db);
  const byName = new Map<string, Head>();
  for (const head of heads.values()) {
    byName.set(head.name, head);
    if (head.verified > head.offset) return `The log of ${head.name} ends before what was once verified.`;
    const start = reader.pointBefore(head.number, head.verified + 1, head.base);
    let epoch = head.epoch;
    for (const chunk of reader.verified(head.number, head.name, start, head.offset)) epoch = chunk.epoch;
    if (epoch !== head.epoch) return `The log of ${head.name} ends in another epoch than it should.`;
  }
  for (const anchor of anchors) {
    const head = byName.get(anchor.stream);
    if (!head || head.offset < anchor.offset) return `The log of ${anchor.stream} ends before its anchor.`;
    const hash =
      anchor.offset === head.base.offset
        ? head.base.hash
        : reader.hashAt(head.number, head.name, anchor.offset);
    if (hash && Buffer.from(hash).toString('hex') === anchor.hash) continue;
    if (anchor.offset > head.base.offset) return `The log of ${anchor.stream} differs from its anchor.`;
  }
  return undefined;
}
