/** Timers that last longer than Node's own. */
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { after } from './after.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const DAY_MS = 86_400_000;

test('[A6] one acts at its time and not before, however long that is', () => {
  const time = fc.oneof(fc.nat(DAY_MS), fc.nat(400 * DAY_MS), fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 32));
  fc.assert(
    fc.property(time, (ms) => {
      const acted: number[] = [];
      const began = Date.now();
      after(ms, () => acted.push(Date.now() - began));
      vi.advanceTimersByTime(Math.max(0, ms - 1));
      expect(acted).toEqual(ms === 0 ? [0] : []);
      vi.advanceTimersByTime(1);
      expect(acted).toEqual([ms]);
      expect(vi.getTimerCount()).toBe(0);
    }),
  );
});

test('[A6] what stops it does so in any of its steps', () => {
  for (const passed of [0, 30, 60]) {
    let acted = false;
    const stop = after(90 * DAY_MS, () => {
      acted = true;
    });
    vi.advanceTimersByTime(passed * DAY_MS);
    expect(vi.getTimerCount()).toBe(1);
    stop();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(90 * DAY_MS);
    expect(acted).toBe(false);
  }
});

test('[A6] one without an end never acts', () => {
  let acted = false;
  const stop = after(Infinity, () => {
    acted = true;
  });
  vi.advanceTimersByTime(400 * DAY_MS);
  expect(acted).toBe(false);
  stop();
});
