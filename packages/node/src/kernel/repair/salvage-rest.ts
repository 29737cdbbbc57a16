/** Carries over what stands beside the events in a damaged database: receipts, effects, cells, snapshots, as far as they can be read. */
import { salvageCells } from '../log/cells.ts';
import { ChunkReader } from '../log/chunks.ts';
import type { Db } from '../log/schema.ts';
import type { Damage } from '../options.ts';

/** Receipts stay even when their events are lost: running a command twice would be worse than an answer without its event. */
const COPIED: Record<string, number> = {
  clients: 3,
  receipts: 6,
  recent: 7,
  acks: 4,
  effects: 5,
  epochs: 6,
  snapshots: 7,
};

function copyTable(source: Db, target: Db, table: string, columns: number): void {
  const insert = target.prepare(
    `INSERT OR IGNORE INTO ${table} VALUES (${Array(columns).fill('?').join(', ')})`,
  );
  try {
    for (const row of source.prepare<[], unknown[]>(`SELECT * FROM ${table}`).raw().iterate()) {
      try {
        insert.run(...row);
      } catch {
        // This row broke a constraint of its table; the next may be sound.
      }
    }
  } catch {
    // The rest of this table cannot be read.
  }
}

/** After the chunks, which have told the damage: what belongs to a stream or a part of it that was lost is left out. */
export function salvageRest(source: Db, target: Db, damage: readonly Damage[]): void {
  for (const [table, columns] of Object.entries(COPIED)) copyTable(source, target, table, columns);
  const chunks = new ChunkReader(target);
  const drop = target.prepare('DELETE FROM snapshots WHERE stream = ? AND name = ? AND offset = ?');
  const base = target.prepare<[number], { name: string; retained: number; base: Buffer }>(
    'SELECT name, retained, base FROM streams WHERE number = ?',
  );
  const rows = target
    .prepare<[], { stream: number; name: string; offset: number; chain: Buffer }>(
      'SELECT stream, name, offset, chain FROM snapshots',
    )
    .all();
  for (const row of rows) {
    const start = base.get(row.stream);
    const atBase = start && start.retained - 1 === row.offset;
    const hash = atBase ? start.base : start && chunks.hashAt(row.stream, start.name, row.offset);
    if (!hash || !Buffer.isBuffer(row.chain) || !row.chain.equals(hash))
      drop.run(row.stream, row.name, row.offset);
  }
  const lost = new Set(damage.map(({ stream }) => stream));
  const streams = target
    .prepare<[], { number: number; name: string }>('SELECT number, name FROM streams')
    .all();
  salvageCells(
    source,
    target,
    streams.filter(({ name }) => !lost.has(name)),
  );
  target.exec('DELETE FROM effects WHERE stream NOT IN (SELECT number FROM streams)');
}
