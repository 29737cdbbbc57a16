/** The menu of sessions. */
import { expect, test } from 'vitest';
import { KeyDecoder } from '../../chat/input/decode.ts';
import { type Menu, press } from './menu.ts';

const menu = { count: 3, marked: 0 };

/** What a terminal sends at once, and then nothing more. */
function typed(on: Menu, keys: string) {
  const decoder = new KeyDecoder();
  return press(on, [...decoder.push(Buffer.from(keys)), ...decoder.flush()]);
}

test('arrows and letters mark, Enter and numbers choose, q and Escape leave', () => {
  expect(typed(menu, '\x1b[B')).toEqual({ kind: 'show', menu: { count: 3, marked: 1 } });
  expect(typed(menu, '\x1bOA')).toEqual({ kind: 'show', menu: { count: 3, marked: 2 } });
  expect(typed(menu, 'jj\r')).toEqual({ kind: 'chosen', index: 2 });
  expect(typed(menu, 'Gg\r')).toEqual({ kind: 'chosen', index: 0 });
  expect(typed(menu, '3')).toEqual({ kind: 'chosen', index: 2 });
  expect(typed(menu, '4')).toEqual({ kind: 'show', menu });
  for (const key of ['q', '\x03', '\x04', '\x1b']) expect(typed(menu, key)).toEqual({ kind: 'left' });
});

test('[K5] keys with sequences of other kinds are keys too, and none leaves that is not to', () => {
  const long = { count: 30, marked: 15 };
  const at = (keys: string) => {
    const step = typed(long, keys);
    return step.kind === 'show' ? step.menu.marked : step;
  };
  expect(['\x1b[1~', '\x1b[4~', '\x1b[H', '\x1b[F'].map(at)).toEqual([0, 29, 0, 29]);
  expect(['\x1b[5~', '\x1b[6~', '\x1b[6~\x1b[6~'].map(at)).toEqual([5, 25, 29]);
  // Delete, F5, Ctrl and Right, a click, Alt and a letter, and a paste with the line end that chooses.
  for (const keys of ['\x1b[3~', '\x1b[15~', '\x1b[1;5C', '\x1b[<0;3;4M', '\x1bq', '\x1b[200~1\r\x1b[201~'])
    expect(at(keys)).toBe(15);
});
