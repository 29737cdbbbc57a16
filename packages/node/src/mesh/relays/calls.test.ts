/** Who may call through a relay and say nothing (rule C5). */
import { expect, test } from 'vitest';
import { Calls } from './calls.ts';

test('[C5] strangers who call and say nothing take no place of those who are known', () => {
  const calls = new Calls();
  const taken = Array.from({ length: 200 }, (_, n) => calls.begin(`stranger ${n}`, false));
  expect(taken.filter((done) => done !== undefined)).toHaveLength(128);
  expect(calls.begin('member', true)).toBeDefined();
  taken[0]?.();
  expect(calls.begin('another', false)).toBeDefined();
  expect(calls.begin('one more', false)).toBeUndefined();
});

test('[C5] one who calls again and again has few places, and gets them back', () => {
  const calls = new Calls();
  const mine = Array.from({ length: 9 }, () => calls.begin('member', true));
  expect(mine.map((done) => done !== undefined)).toEqual([...Array(8).fill(true), false]);
  expect(calls.begin('other', true)).toBeDefined();
  mine[0]?.();
  expect(calls.begin('member', true)).toBeDefined();
  const strange = Array.from({ length: 5 }, () => calls.begin('x', false));
  expect(strange.map((done) => done !== undefined)).toEqual([true, true, true, true, false]);
});
