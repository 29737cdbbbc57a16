/** Opens many sessions of a program that does nothing, a few at a time. */
import type { Skein } from './skein.ts';

/** Commands under way at once: enough to keep two processors busy. */
const ABREAST = 4;

/** Sessions `idle-<from>` … `idle-<to - 1>`. */
export async function openSessions(product: Skein, from: number, to: number): Promise<void> {
  let next = from;
  const worker = async () => {
    while (next < to) await product.start(`idle-${next++}`, ['sleep', '86400']);
  };
  // The first alone: it starts the node.
  if (next < to) await product.start(`idle-${next++}`, ['sleep', '86400']);
  await Promise.all(Array.from({ length: ABREAST }, worker));
}
