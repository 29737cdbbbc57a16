/** What is to be done while something takes long is done in time, and never once that has ended (rule X3). */
import { expect, test } from 'vitest';
import { meanwhile } from './meanwhile.ts';

const after = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms));

test('[X3] a lease is renewed as often as is due while something takes longer than its term', async () => {
  let due = performance.now() + 20;
  let renewed = 0;
  const act = async () => {
    renewed += 1;
    due = performance.now() + 20;
  };
  expect(await meanwhile(after(200, 'told'), () => due - performance.now(), act)).toBe('told');
  expect(renewed).toBeGreaterThan(3);
  const before = renewed;
  await after(60, null);
  expect(renewed).toBe(before);
});

test('[X3] whichever fails first is told, and what is short needs nothing done', async () => {
  const lost = async () => {
    throw new Error('lost');
  };
  await expect(meanwhile(after(10_000, 1), () => 0, lost)).rejects.toThrow('lost');
  await expect(meanwhile(Promise.reject(new Error('gone')), () => 1_000, lost)).rejects.toThrow('gone');
  expect(await meanwhile(Promise.resolve(7), () => 1_000, lost)).toBe(7);
});
