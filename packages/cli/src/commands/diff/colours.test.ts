/** Differences in colours: what is text in them stays what it is. */
import { COLOURS, NONE } from '@skein/protocol/text/paint';
import { expect, test } from 'vitest';
import { paintDiff, paintStat } from './colours.ts';

const diff = `diff --git a/x b/x
--- a/x
+++ b/x
@@ -1,2 +1,2 @@
 same\there
--- old
+++ new\x1b[2J
`;

test('what has been added is green, what was removed red, and the heads are bold', () => {
  const painted = paintDiff(diff, {
    ...COLOURS,
    green: (s) => `G${s}`,
    red: (s) => `R${s}`,
    bold: (s) => `B${s}`,
  });
  expect(painted.split('\n').map((line) => line[0])).toEqual([
    'B',
    'B',
    'B',
    '\x1b',
    ' ',
    'R',
    'G',
    undefined,
  ]);
});

test('without colours it is as it was, but that nothing in it moves a cursor', () => {
  expect(paintDiff(diff, NONE)).toBe(diff.replace('\x1b', '^['));
});

test('of a table of files the signs have colours', () => {
  const line = ' a+b | 12 ++--';
  expect(paintStat(line, { ...NONE, green: (s) => `G${s}`, red: (s) => `R${s}` })).toBe(' a+b | 12 G++R--');
});
