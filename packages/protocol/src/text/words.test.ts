/** What others wrote, shown on a terminal that must not obey it. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { harmless, visible, visibleLines } from './words.ts';

test('our own colours pass in lines that we made, not in those of others', () => {
  const line = '\x1b[31mred\x1b[39m\n\ttext\x1b]0;x\x07';
  expect(harmless(line)).toBe('\x1b[31mred\x1b[39m\n\ttext^[]0;x^G');
  expect(visibleLines(line)).toBe('^[[31mred^[[39m\n\ttext^[]0;x^G');
  expect(visible('a\x1b[31m')).toBe('a^[[31m');
});

test('whatever is written, no control character is left but the ends of lines and tabs', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visibleLines(text)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    }),
  );
});
