/** When buffers that nobody holds are given back, and that looking for them costs nothing when there are none. */
import { expect, test } from 'vitest';
import { OffHeap } from './off-heap.ts';

const MIB = 2 ** 20;

/** What is held outside the heap is held by somebody, or garbage, of which some survives small collections. */
class Thread {
  held = 3 * MIB;
  garbage = 0;
  tough = 0;
  readonly collected: string[] = [];
  readonly offHeap = new OffHeap({
    collect: (kind) => {
      this.collected.push(kind);
      this.garbage = 0;
      if (kind === 'major') this.tough = 0;
    },
    outside: () => this.held + this.garbage + this.tough,
  });
}

test('[C2] what passes through leaves never more than 8 MiB of garbage, or 24 where small collections do not find it', () => {
  const easy = new Thread();
  for (let i = 0; i < 1_000; i++) {
    easy.garbage += MIB / 2;
    easy.offHeap.look();
    expect(easy.garbage).toBeLessThanOrEqual(8 * MIB);
  }
  expect(new Set(easy.collected)).toEqual(new Set(['minor']));
  expect(easy.collected.length).toBeLessThanOrEqual(1_000 / 16);
  const hard = new Thread();
  for (let i = 0; i < 1_000; i++) {
    hard.tough += MIB / 2;
    hard.offHeap.look();
    expect(hard.tough).toBeLessThanOrEqual(24 * MIB);
  }
});

test('what is held is not collected again and again', () => {
  const thread = new Thread();
  thread.held += 50 * MIB;
  thread.offHeap.look();
  const once = thread.collected.length;
  for (let i = 0; i < 100; i++) thread.offHeap.look();
  expect(thread.collected.length).toBe(once);
  // Given back by somebody else: from there on it counts anew.
  thread.held -= 45 * MIB;
  thread.offHeap.look();
  thread.garbage += 9 * MIB;
  thread.offHeap.look();
  expect(thread.collected.length).toBe(once + 1);
});
