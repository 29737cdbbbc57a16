/** What is left out of a flood, and that nobody can tell from the screen (H5). */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Screen } from '../screen/screen.ts';
import { wholeScreen } from '../testing/compare.ts';
import { anyPiece, stream } from '../testing/streams.ts';
import { skimmed } from './skim.ts';

const SIZE = { cols: 12, rows: 4, scrollback: 5 };

const word = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom('\t', '\r', '宽', 'e\u0301', '\xc2') },
);
const colour = fc.oneof(
  fc.constantFrom('\x1b[m', '\x1b[0m', '\x1b[00;4m', '\x1b[4:3m', '\x1b[58;5;9m', '\x1b[59m', '\x1b[7;22m'),
  fc.integer({ min: 0, max: 255 }).map((n) => `\x1b[48;5;${n}m`),
  fc.integer({ min: 30, max: 37 }).map((n) => `\x1b[1;${n}m`),
);
const ending = fc.oneof(
  { weight: 8, arbitrary: fc.constant('\r\n') },
  { weight: 1, arbitrary: fc.constantFrom('\n', '\n\r', '\r\r\n') },
);
const line = fc
  .tuple(fc.array(fc.oneof({ weight: 3, arbitrary: word }, { weight: 1, arbitrary: colour })), ending)
  .map(([parts, end]) => parts.join('') + end);
const flood = fc
  .array(line, { minLength: 20, maxLength: 80, size: 'max' })
  .map((lines) => Buffer.from(lines.join('')));
/** Where a flood begins: margins, an open link, the first row, the other screen, half a sequence, half a character. */
const state = fc.constantFrom(
  '',
  '\x1b[2;3r',
  '\x1b]8;;http://a\x1b\\',
  '\x1b[2J\x1b[H',
  '\x1b[?1049h\x1b[H',
  '\x1b[3',
  '\x1b]0;t',
);
const before = fc
  .tuple(stream(anyPiece), state)
  .map(([piece, last]) => Buffer.concat([piece, Buffer.from(last)]));

test('[H5] a screen that skims a flood is the one that saw all of it', () => {
  let left = 0;
  fc.assert(
    fc.property(
      before,
      flood,
      stream(anyPiece),
      fc.integer({ min: 500, max: 5000 }),
      (...[first, lines, last, at]) => {
        const [whole, skims] = [new Screen(SIZE), new Screen(SIZE)];
        skims.write(first);
        const rest = Buffer.concat([lines, last]);
        whole.write(Buffer.concat([first, rest]));
        for (let from = 0; from < rest.length; from += at) {
          const part = rest.subarray(from, from + at);
          const past = skims.skim(part);
          left += past;
          skims.write(part.subarray(past));
        }
        expect(skims.offset).toBe(whole.offset);
        expect(wholeScreen(skims)).toEqual(wholeScreen(whole));
      },
    ),
    { numRuns: 2000 },
  );
  expect(left).toBeGreaterThan(100_000);
}, 120_000);

const LINES = 'x\r\n'.repeat(10);
/** The end of a line, and five more. */
const KEPT = '\r\n'.length + 5 * 'x\r\n'.length;

test.each([
  ['text that is no ASCII', 'gr\xc3\xbc\xc3\x9fe\r\n'],
  ['colours', '\x1b[1;38:5:9mx\x1b[m\r\n'],
  ['lines without a return', 'a\nb\n'],
])('[H5] %s: of ten lines behind it five stay', (_name, first) => {
  const bytes = Buffer.from(`${first}${LINES}`, 'latin1');
  expect(skimmed(bytes, 5).length).toBe(bytes.length - KEPT);
  expect(skimmed(bytes, 14).length).toBe(0);
});

test.each([
  ['another sequence', '\x1b[2K'],
  ['an escape that is none', '\x1b\r'],
  ['a mode of the keyboard', '\x1b[>4;2m'],
  ['a bell', '\x07'],
  ['a C1 control', '\xc2\x85'],
])('[H5] %s: nothing behind it is left out, nor what is before it without lines enough', (_name, first) => {
  const behind = Buffer.from(`${first}${LINES}`, 'latin1');
  expect(skimmed(behind, 5).length).toBe(0);
  const before = Buffer.from(`${LINES}${first}${LINES}`, 'latin1');
  expect(skimmed(before, 5).length).toBe(LINES.length - KEPT);
});

test('[H5] of what set the pen only that is kept which still matters', () => {
  const bytes = Buffer.from(`\x1b[31ma\x1b[0;4mb\r\n\x1b[1mc\r\n${LINES}\x1b[32m`);
  expect(Buffer.from(skimmed(bytes, 11).colours).toString()).toBe('\x1b[0;4m');
  expect(Buffer.from(skimmed(bytes, 10).colours).toString()).toBe('\x1b[0;4m\x1b[1m');
});
