/** Whether a stored snapshot is what was written, and of the present chain (L5). */
import { hash } from 'node:crypto';

/** As it lies in its row: a damaged one can hold any type in any column. */
export interface StoredSnapshot {
  chain: Buffer;
  hash: Buffer;
  state: Buffer;
}

/** `chain` is the chain's hash at the snapshot's offset; undefined if there is none. */
export function isWhole(row: StoredSnapshot, chain: Uint8Array | undefined): boolean {
  const typed = [row.state, row.hash, row.chain].every((value) => Buffer.isBuffer(value));
  if (!typed || chain === undefined || !row.chain.equals(chain)) return false;
  return hash('sha256', row.state, 'buffer').equals(row.hash);
}
