/** The menu of sessions. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyDecoder } from '../../chat/input/decode.ts';
import { found, type Menu, menuOf, press, within } from './menu.ts';

const menu = menuOf(['api npm start', 'Web vite', 'shell bash'], 0);

/** What a terminal sends at once, and then nothing more. */
function typed(on: Menu, keys: string) {
  const decoder = new KeyDecoder();
  return press(on, [...decoder.push(Buffer.from(keys)), ...decoder.flush()]);
}

const marked = (on: Menu, keys: string) => {
  const step = typed(on, keys);
  return step.kind === 'show' ? step.menu.marked : step;
};

test('arrows and letters mark, Enter and numbers choose, q and Escape leave', () => {
  expect(marked(menu, '\x1b[B')).toBe(1);
  expect(marked(menu, '\x1bOA')).toBe(2);
  expect(typed(menu, 'jj\r')).toEqual({ kind: 'chosen', index: 2 });
  expect(typed(menu, 'Gg\r')).toEqual({ kind: 'chosen', index: 0 });
  expect(typed(menu, '3')).toEqual({ kind: 'chosen', index: 2 });
  expect(typed(menu, '4')).toEqual({ kind: 'show', menu });
  for (const key of ['q', '\x03', '\x04', '\x1b']) expect(typed(menu, key)).toEqual({ kind: 'left' });
});

test('[K5] keys with sequences of other kinds are keys too, and none leaves that is not to', () => {
  const long = menuOf(Array.from({ length: 30 }, String), 15);
  const at = (keys: string) => marked(long, keys);
  expect(['\x1b[1~', '\x1b[4~', '\x1b[H', '\x1b[F'].map(at)).toEqual([0, 29, 0, 29]);
  expect(['\x1b[5~', '\x1b[6~', '\x1b[6~\x1b[6~'].map(at)).toEqual([5, 25, 29]);
  // Delete, F5, Ctrl and Right, a click, Alt and a letter, and a paste with the line end that chooses.
  for (const keys of ['\x1b[3~', '\x1b[15~', '\x1b[1;5C', '\x1b[<0;3;4M', '\x1bq', '\x1b[200~1\r\x1b[201~'])
    expect(at(keys)).toBe(15);
});

test('a number means what it stands before: one of those that are shown', () => {
  const low = within(menuOf(Array.from({ length: 30 }, String), 15), 5);
  expect(low.first).toBe(11);
  expect(typed(low, '1')).toEqual({ kind: 'chosen', index: 11 });
  expect(typed(low, '5')).toEqual({ kind: 'chosen', index: 15 });
  expect(typed(low, '6')).toEqual({ kind: 'show', menu: low });
});

test('after a slash some are found by what is typed, and chosen, or all are shown again', () => {
  expect(typed(menu, '/wEb\r')).toEqual({ kind: 'chosen', index: 1 });
  expect(typed(menu, '/s')).toMatchObject({ menu: { wanted: 's', marked: 0 } });
  expect(typed(menu, '/s\x1b[B\r')).toEqual({ kind: 'chosen', index: 2 });
  // What else chooses or leaves is looked for.
  expect(typed(menu, '/q1')).toMatchObject({ kind: 'show', menu: { wanted: 'q1', finding: true } });
  expect(typed(menu, '/none\r')).toMatchObject({ kind: 'show', menu: { wanted: 'none' } });
  expect(typed(menu, '/none\x7f\x7f\x7f\x7f')).toMatchObject({ menu: { wanted: '' } });
  expect(typed(menu, '/web\x1b')).toMatchObject({ kind: 'show', menu: { wanted: undefined, marked: 1 } });
  expect(typed(menu, '/web\x03')).toEqual({ kind: 'left' });
});

test('[K5] whatever is typed, what is marked and what is chosen is one that is shown', () => {
  const keys = fc.constantFrom(
    'j',
    'k',
    'g',
    'G',
    '/',
    'a',
    '1',
    '3',
    '9',
    '\r',
    '\x7f',
    '\x1b[A',
    '\x1b[6~',
    'q',
  );
  const texts = fc.array(fc.stringMatching(/^[ab13]{0,4}$/), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      texts,
      fc.array(keys, { maxLength: 30 }),
      fc.integer({ min: 1, max: 12 }),
      (all, pressed, room) => {
        let now = within(menuOf(all, all.length - 1), room);
        for (const key of pressed) {
          const shown = found(now).slice(now.first, now.first + room);
          const step = typed(now, key);
          if (step.kind === 'chosen') expect(shown).toContain(step.index);
          if (step.kind !== 'show') return;
          now = within(step.menu, room);
          const some = found(now);
          if (some.length > 0) expect(some.slice(now.first, now.first + room)).toContain(now.marked);
        }
      },
    ),
  );
});
