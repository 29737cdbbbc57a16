/** What makes a node at rest collect its garbage, and that it does so once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Resting, worthIt } from './resting.ts';

const MIB = 2 ** 20;

test('a heap is collected when nothing is going on, it has grown, and it is small enough not to hold anybody up', () => {
  const resting = { busy: 0.001, heap: 10 * MIB, used: 16 * MIB, left: 12 * MIB };
  expect(worthIt(resting)).toBe(true);
  expect(worthIt({ ...resting, left: 0 })).toBe(true);
  expect(worthIt({ ...resting, busy: 0.02 })).toBe(false);
  expect(worthIt({ ...resting, left: 15 * MIB })).toBe(false);
  expect(worthIt({ ...resting, heap: 200 * MIB, used: 200 * MIB })).toBe(false);
});

test('it waits while there is work, collects once at rest, and nothing after it was stopped', async () => {
  // A test runner's own heap is larger than any node's at rest, so what decides is told.
  let collected = 0;
  const looks: number[] = [];
  const heap = { used: 9 * MIB };
  const first = Promise.withResolvers<void>();
  const resting = new Resting({
    collect: () => {
      collected++;
      heap.used = 4 * MIB;
      first.resolve();
    },
    used: () => {
      looks.push(collected);
      return { heap: heap.used, outside: 2 * MIB };
    },
    // At rest the loop may be busy for half a millisecond of it, which its own look is not even on a slow machine.
    every: 100,
  });
  resting.start();
  const until = performance.now() + 500;
  while (performance.now() < until) {
    const busy = performance.now() + 5;
    while (performance.now() < busy);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(collected).toBe(0);
  await first.promise;
  expect(collected).toBe(1);
  for (const seen = looks.length; looks.length < seen + 5; ) await sleep(100);
  expect(collected).toBe(1);
  resting.stop();
  heap.used = 12 * MIB;
  const seen = looks.length;
  await sleep(300);
  expect(looks.length).toBe(seen);
}, 30_000);
