/** When an agent counts as stuck (rule A6). */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { BaseState } from '../drivers/state.ts';
import { Quiet } from './quiet.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const HOUR_MS = 3_600_000;
const IN_TURN = { life: 'ready', turn: {}, approvals: [] } as unknown as BaseState;

test('[A6] one is told to be quiet after the time that was said, longer than a timer of Node’s too', () => {
  for (const hours of [1, 1_000, 10_000]) {
    const told: number[] = [];
    const quiet = new Quiet((ms) => told.push(ms));
    quiet.watch(hours * HOUR_MS, IN_TURN, false);
    vi.advanceTimersByTime(hours * HOUR_MS - 1);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([hours * HOUR_MS]);
  }
});

test('[A6] one that has moved, or is watched no more, is not', () => {
  const told: number[] = [];
  const quiet = new Quiet((ms) => told.push(ms));
  quiet.watch(1_000 * HOUR_MS, IN_TURN, false);
  vi.advanceTimersByTime(900 * HOUR_MS);
  quiet.moved();
  quiet.watch(1_000 * HOUR_MS, IN_TURN, false);
  vi.advanceTimersByTime(999 * HOUR_MS);
  quiet.stop();
  vi.advanceTimersByTime(1_000 * HOUR_MS);
  expect(told).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('[A6] one is told so by the time that has passed, whatever the clock of the day says', () => {
  for (const set of [-HOUR_MS, HOUR_MS]) {
    const told: number[] = [];
    const quiet = new Quiet((ms) => told.push(ms));
    vi.setSystemTime(Date.now() + set);
    quiet.watch(2_000, IN_TURN, false);
    vi.advanceTimersByTime(1_999);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([2_000]);
  }
});
