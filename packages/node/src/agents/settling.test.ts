/** That the past of a session is told before its next prompt is given (rule A6). */
import { expect, test, vi } from 'vitest';
import { Settling } from './settling.ts';

test('[A6] one that goes on with its session is given a prompt once it is silent, any other at once', () => {
  vi.useFakeTimers();
  const woken = vi.fn();
  const settling = new Settling(woken);
  expect(settling.isOver(true)).toBe(false);
  vi.advanceTimersByTime(140);
  settling.heard();
  expect(settling.isOver(true)).toBe(false);
  vi.advanceTimersByTime(149);
  expect(woken).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2);
  expect(woken).toHaveBeenCalledOnce();
  expect(settling.isOver(true)).toBe(true);
  // Over is over.
  settling.heard();
  expect(settling.isOver(true)).toBe(true);
  expect(new Settling(woken).isOver(false)).toBe(true);
  const chatty = new Settling(woken);
  for (let n = 0; n < 30; n++) {
    expect(chatty.isOver(true)).toBe(false);
    vi.advanceTimersByTime(100);
    chatty.heard();
  }
  expect(chatty.isOver(true)).toBe(true);
  for (const one of [settling, chatty]) one.stop();
  vi.useRealTimers();
});
