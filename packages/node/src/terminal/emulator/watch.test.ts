/** The watch over the emulator's thread: it is told stuck only when its work stands still (H1, H5). */

import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Doing, Watch } from './watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** `share`: of the time, what the thread has the processor for. */
function watched(share = 1) {
  const stuck: number[] = [];
  const watch = new Watch(
    (run) => stuck.push(run),
    1000,
    () => share * performance.now(),
  );
  return { watch, stuck, doing: new Doing(watch.buffer) };
}

test('[H1] work that stands still for ten looks is stuck, once, and is told with its run', () => {
  const { watch, stuck, doing } = watched();
  watch.sent();
  doing.took();
  doing.workFor(7);
  vi.advanceTimersByTime(10_500);
  expect(stuck).toEqual([]);
  vi.advanceTimersByTime(60_000);
  expect(stuck).toEqual([7]);
  expect(vi.getTimerCount()).toBe(0);
});

test('[H1] a thread that has nothing to do is not looked at, nor one that has not begun called stuck', () => {
  const { watch, stuck, doing } = watched();
  watch.sent();
  vi.advanceTimersByTime(60_000);
  expect(vi.getTimerCount()).toBe(1);
  doing.took();
  vi.advanceTimersByTime(3000);
  expect(vi.getTimerCount()).toBe(0);
  watch.sent();
  expect(vi.getTimerCount()).toBe(1);
  watch.stop();
  expect([vi.getTimerCount(), stuck]).toEqual([0, []]);
});

test('[H1] whoever takes a step in less than ten looks is never stuck', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 }), (pauses) => {
      const { watch, stuck, doing } = watched();
      watch.sent();
      doing.workFor(1);
      for (const looks of pauses) {
        vi.advanceTimersByTime(looks * 1000);
        doing.step();
      }
      watch.stop();
      expect(stuck).toEqual([]);
    }),
  );
});

test('[H1] a thread that is given little of the processor is given time', () => {
  const { watch, stuck, doing } = watched(0.1);
  watch.sent();
  doing.workFor(1);
  vi.advanceTimersByTime(45_000);
  expect(stuck).toEqual([]);
  vi.advanceTimersByTime(10_000);
  expect(stuck).toEqual([1]);
});
