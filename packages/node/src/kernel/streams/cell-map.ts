/** Cells as their reader gets them. */
import type { CellBytes } from '../wire.ts';

/** By key; the values are views of one buffer. */
export function cellMap({ keys, sizes, data }: CellBytes): Map<string, Uint8Array> {
  const cells = new Map<string, Uint8Array>();
  let at = 0;
  for (const [i, key] of keys.entries()) {
    const end = at + (sizes[i] ?? 0);
    cells.set(key, data.subarray(at, end));
    at = end;
  }
  return cells;
}
