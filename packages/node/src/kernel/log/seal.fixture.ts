/** For tests: joins all small chunks of a closed log, as a quiet moment would, and says what its rows are. */
import { readHeads } from './heads.ts';
import { Merger } from './merge.ts';
import { openWriter } from './schema.ts';

/** Returns how many rows are sealed. */
export function sealAll(dir: string): number {
  const db = openWriter(dir);
  try {
    const merger = new Merger(db);
    for (const found of readHeads(db).values()) {
      let head = { ...found, verified: found.offset };
      for (let seen = -1; seen < head.sealed; ) {
        seen = head.sealed;
        head = { ...head, sealed: Math.max(seen, merger.slice(head)) };
      }
    }
    return Number(db.prepare('SELECT count(*) FROM chunks WHERE seal IS NOT NULL').pluck().get());
  } finally {
    db.close();
  }
}
