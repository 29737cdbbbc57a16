/** Transactions of the writer. */
import type { Db } from './schema.ts';

/** Runs `work` in a transaction; a failure leaves nothing of it. */
export function inTransaction<T>(db: Db, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/**
 * Transactions within need not be durable at once: the next command's makes them so, since both lie in one WAL, in
 * order. For what can be done again.
 */
export function relaxed<T>(db: Db, work: () => T): T {
  db.pragma('synchronous = NORMAL');
  try {
    return work();
  } finally {
    db.pragma('synchronous = FULL');
  }
}
