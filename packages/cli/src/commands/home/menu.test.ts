/** The menu of sessions. */
import { expect, test } from 'vitest';
import { press } from './menu.ts';

const menu = { count: 3, marked: 0 };

test('arrows and letters mark, Enter and numbers choose, q and Escape leave', () => {
  expect(press(menu, '\x1b[B')).toEqual({ kind: 'show', menu: { count: 3, marked: 1 } });
  expect(press(menu, '\x1bOA')).toEqual({ kind: 'show', menu: { count: 3, marked: 2 } });
  expect(press(menu, 'jj\r')).toEqual({ kind: 'chosen', index: 2 });
  expect(press(menu, 'Gg\r')).toEqual({ kind: 'chosen', index: 0 });
  expect(press(menu, '3')).toEqual({ kind: 'chosen', index: 2 });
  expect(press(menu, '4')).toEqual({ kind: 'show', menu });
  for (const key of ['q', '\x03', '\x04', '\x1b']) expect(press(menu, key)).toEqual({ kind: 'left' });
});
