/** Starting a new epoch of a stream: recorded in a table, and visible as its first event (L1). */

import { pack } from '../codec.ts';
import { EPOCH_EVENT, type EpochBody, type LogEvent } from '../types.ts';
import { dropCells } from './cells.ts';
import { chainHash, packSizes } from './chain.ts';
import type { ChainPoint } from './chunks.ts';
import { freshEpoch } from './fresh-epoch.ts';
import { type Db, rowId } from './schema.ts';

interface EpochStart {
  number: number;
  name: string;
  oldEpoch: number;
  from: ChainPoint;
  now: number;
  reason: EpochBody['reason'];
}

/** Must run in a transaction. Returns the new epoch and the chain after its first event. */
export function startEpoch(db: Db, start: EpochStart): ChainPoint & { epoch: number } {
  const epoch = freshEpoch();
  const offset = start.from.offset + 1;
  const body: EpochBody = {
    oldEpoch: start.oldEpoch,
    offset: start.from.offset,
    hash: Buffer.from(start.from.hash).toString('hex'),
    reason: start.reason,
  };
  const event: LogEvent = { type: EPOCH_EVENT, at: start.now, by: null, body };
  const data = pack(event);
  const sizes = packSizes([data.length]);
  const hash = chainHash(start.from.hash, start.name, {
    epoch,
    first: offset,
    last: offset,
    key: 0,
    sizes,
    data,
  });
  db.prepare('INSERT INTO chunks VALUES (?, ?, ?, 0, ?, ?, ?, NULL)').run(
    rowId(start.number, offset),
    offset,
    epoch,
    hash,
    sizes,
    data,
  );
  db.prepare('INSERT INTO epochs VALUES (?, ?, ?, ?, ?, ?)').run(
    start.number,
    epoch,
    start.oldEpoch,
    start.from.offset,
    start.from.hash,
    start.now,
  );
  // The world may be ahead of them now, or they of the events (L9).
  dropCells(db, start.number);
  db.prepare("UPDATE streams SET epoch = ?, cells = x'' WHERE number = ?").run(epoch, start.number);
  return { epoch, offset, hash };
}
