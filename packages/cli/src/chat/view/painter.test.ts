/** Painting the difference of two frames shows the second (rule U1), in an emulated terminal. */
import { Screen } from '@skein/node/terminal/screen/screen';
import { seenScreen } from '@skein/node/terminal/testing/compare';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Frame, paint } from './painter.ts';

const COLS = 24;
const ROWS = 9;
const line = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '',
      'a',
      'one',
      'two words',
      '\x1b[31mred\x1b[39m',
      '\x1b[1mbold\x1b[22m rest',
      '日本語',
      'e\u0301e\u0301',
    ),
  },
  fc.string({
    unit: fc.constantFrom(
      'a',
      'b',
      ' ',
      'é',
      '日',
      'e\u0301',
      '😀',
      '\x1b[1m',
      '\x1b[22m',
      '\x1b[32m',
      '\x1b[39m',
    ),
    maxLength: 10,
  }),
);
const lines = fc.array(line, { minLength: ROWS, maxLength: ROWS });
const frames = fc.tuple(lines, lines, fc.integer({ min: -4, max: 4 }), fc.nat(3)).map(([a, b, by, keep]) => {
  // Mostly what was there, moved.
  const moved = a.map((own, i) => (i < ROWS - keep ? (a[i + by] ?? b[i] ?? own) : own));
  return [a, moved, b] as const;
});

const frame = (all: readonly string[]): Frame => ({
  lines: all,
  cols: COLS,
  rows: ROWS,
  cursor: { x: 1, y: 2 },
});

async function shows(...parts: string[]) {
  const screen = new Screen({ cols: COLS, rows: ROWS });
  await new Promise<void>((done) => screen.terminal.write(`\x1b[?1049h\x1b[?7l${parts.join('')}`, done));
  const seen = seenScreen(screen);
  screen.terminal.dispose();
  return seen;
}

test('[U1] frame after frame, the terminal shows the last one', async () => {
  await fc.assert(
    fc.asyncProperty(frames, async ([a, b, c]) => {
      const steps = [paint(undefined, frame(a)), paint(frame(a), frame(b)), paint(frame(b), frame(c))];
      expect(await shows(...steps)).toEqual(await shows(paint(undefined, frame(c))));
      expect(await shows(...steps.slice(0, 2))).toEqual(await shows(paint(undefined, frame(b))));
    }),
    { numRuns: 200 },
  );
});

test('[U1] nothing is written when nothing changed, and little for a word or for rows that move', () => {
  const rows = Array.from({ length: ROWS }, (_, i) => `row number ${i} of it`);
  expect(paint(frame(rows), frame(rows))).toBe('');
  const grown = rows.with(4, 'row number 4 of it, on');
  expect(paint(frame(rows), frame(grown)).length).toBeLessThan(60);
  expect(paint(frame(rows), frame([...rows.slice(1), 'new'])).length).toBeLessThan(70);
});
