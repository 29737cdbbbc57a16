/** Paints random screens onto terminals that showed something else, and leaves them again (H5, H7). */

import { MAX_FRAME } from '@skein/protocol/limits';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Neutraliser } from '../queries/queries.ts';
import { LEAVE } from '../reset.ts';
import { seenScreen } from '../testing/compare.ts';
import { anyPiece, piece, queryPiece, stream } from '../testing/streams.ts';
import { textOf } from './history.ts';
import { modesOf } from './modes-of.ts';
import { paint } from './paint.ts';
import { Screen } from './screen.ts';
import { take } from './snapshot.ts';

const SIZE = { cols: 20, rows: 8 };

function screenOf(...parts: (string | Uint8Array)[]): Screen {
  const screen = new Screen(SIZE);
  for (const part of parts) screen.write(typeof part === 'string' ? Buffer.from(part) : part);
  return screen;
}

/** A terminal that showed something else before, painted. */
function painted(source: Screen, before: Uint8Array): Screen {
  return screenOf(before, '\x1b\\', paint(source));
}

test('[H5] a painted terminal shows what the emulator shows, whatever was on it before', () => {
  fc.assert(
    fc.property(stream(anyPiece), stream(piece), (program, before) => {
      const source = screenOf(program);
      const viewer = painted(source, before);
      const expected = seenScreen(source);
      const { alternateScroll } = modesOf(viewer);
      expected.modes.alternateScroll ??= alternateScroll; // a terminal cannot be told to forget it
      // Nor are a user's own colours taken away for a program that never said any.
      if (source.extra.colours === undefined) expected.colours = seenScreen(viewer).colours;
      expect(seenScreen(viewer)).toEqual(withoutHiddenStacks(expected));
    }),
    { numRuns: 500 },
  );
}, 120_000);

/** A normal screen tells nothing of the alternate one's keyboard flags: it has none until it is entered. */
function withoutHiddenStacks<T extends ReturnType<typeof seenScreen>>(seen: T): T {
  if (!seen.modes.alternate) seen.modes.kitty.alternate = { base: 0, pushed: [] };
  return seen;
}

test('[H7] a painting has no query, no clipboard write and no bell, whatever the program wrote', () => {
  fc.assert(
    fc.property(stream(fc.oneof(anyPiece, queryPiece)), (program) => {
      const bytes = Buffer.from(paint(screenOf(program)));
      const answers: string[] = [];
      const viewer = new Screen(SIZE);
      viewer.onAnswer((answer) => answers.push(answer));
      viewer.terminal.onBell(() => answers.push('bell'));
      viewer.write(bytes);
      expect(answers).toEqual([]);
      expect(Buffer.from(new Neutraliser({ bells: true }).push(bytes)).equals(bytes)).toBe(true);
    }),
  );
}, 60_000);

test('[H5] leaving gives back a terminal with none of the modes that were set', () => {
  fc.assert(
    fc.property(stream(anyPiece), stream(piece), (program, raw) => {
      const viewer = screenOf(paint(screenOf(program)), raw, LEAVE);
      const modes = modesOf(viewer);
      expect({ ...modes, title: '', alternateScroll: undefined }).toEqual({
        ...modesOf(new Screen(SIZE)),
        title: '',
        alternateScroll: undefined,
      });
      const { active } = viewer.core.buffers;
      expect([active.x, active.scrollTop, active.scrollBottom]).toEqual([0, 0, SIZE.rows - 1]);
      expect(viewer.core._inputHandler._curAttrData).toMatchObject({ fg: 0, bg: 0 });
      expect(viewer.core._charsetService.charset).toBeUndefined();
    }),
  );
}, 60_000);

test.each([
  ['a prompt on its third line', 'one\r\ntwo\r\n$ ', 3, ['one', 'two', '$']],
  ['a full screen', `${'x\r\n'.repeat(7)}$ `, 7, ['x', 'x', 'x', 'x', 'x', 'x', '$']],
  ['text below the cursor', 'one\r\ntwo\r\nthree\x1b[1;2H', 1, ['one']],
  ['margins', 'one\r\n$ \x1b7\x1b[3;5r\x1b8', 2, ['one', '$']],
  [
    'lines printed after a full-screen program',
    'one\r\n\x1b[?1049hover\x1b[?1049ltwo\r\nthree\r\n$ ',
    4,
    ['one', 'two', 'three', '$'],
  ],
  ['an alternate screen over two lines', 'one\r\n$ \x1b[?1049h\x1b[5;1Hover', 2, ['one', '$']],
])('[H5] leaving ends on the line below the program’s, with nothing under it: %s', (_name, raw, y, lines) => {
  const viewer = screenOf(paint(screenOf()), raw, LEAVE);
  const { active } = viewer.core.buffers;
  expect([active.y, active.x]).toEqual([y, 0]);
  expect(textOf(viewer, 0).trimEnd().split('\n')).toEqual(lines);
});

test.each([
  ['line drawing in G1', '\x1b)0\x0eqqq', 'x\x0fx'],
  ['a pending wrap', 'x'.repeat(20), 'y'],
  ['a pending wrap after a wide character', `${'x'.repeat(18)}日`, 'y'],
  ['margins and origin mode', '\x1b[3;5r\x1b[?6h\x1b[2;2H', 'a\n\n\n\nb'],
  ['a cursor saved with its pen', '\x1b[3;4H\x1b[31m\x1b7\x1b[m\x1b[H', 'a\x1b8b'],
  ['an alternate screen over a normal one', 'under\x1b[?1049h\x1b[2;2Hover', '!\x1b[?1049lback'],
  ['tab stops', '\x1b[3g\x1b[5G\x1bH\r', 'a\tb\tc'],
  ['insert mode without autowrap', 'abc\x1b[4h\x1b[?7l\r', 'xyz'],
  ['a pen with a curly, coloured underline', '\x1b[4:3;58:2::1:2:3mab', 'cd'],
  ['a hyperlink', '\x1b]8;;http://a/\x1b\\ab', 'cd\x1b]8;;\x1b\\e'],
])('[H5] a painted terminal goes on like the program’s own: %s', (_name, before, after) => {
  const source = screenOf(before);
  const viewer = painted(source, Buffer.from('\x1b[?1049hother\x1b(0'));
  for (const screen of [source, viewer]) screen.write(Buffer.from(after));
  expect(seenScreen(viewer)).toEqual(seenScreen(source));
});

test('[H5] a screen of more than a frame is told with fewer colours, or none', () => {
  const painting = (cell: (n: number) => string) => {
    const screen = new Screen({ cols: 350, rows: 90 });
    const rows = Array.from({ length: 90 }, (_, y) =>
      Array.from({ length: 350 }, (_, x) => cell(y * 350 + x)).join(''),
    );
    screen.write(Buffer.from(`\x1b[H${rows.join('\r\n')}`));
    return { screen, data: take(screen, 'paint').data };
  };
  const rgb = (n: number) => `${100 + (n % 150)};${100 + (n % 149)};${100 + (n % 148)}`;
  const { screen, data } = painting((n) => `\x1b[38;2;${rgb(n)};48;2;${rgb(n + 7)}m▀`);
  expect(data.length).toBeLessThan(MAX_FRAME);
  expect(Buffer.from(data).toString()).toContain(';38;5;');
  expect(take(screen, 'text').data.length).toBeLessThan(MAX_FRAME);
  expect(take(screen, 'ansi', 1000).data.length).toBeLessThan(MAX_FRAME);
  const linked = painting((n) => `\x1b]8;;http://x/${n}/${'y'.repeat(400)}\x1b\\\x1b[38;2;${rgb(n)}ma`);
  expect(linked.data.length).toBeLessThan(MAX_FRAME);
  expect(Buffer.from(linked.data).toString()).not.toContain('http://x/');
});

test('[H5] one cell with half a megabyte of marks is a cell', () => {
  const screen = screenOf(`a${'\u0301'.repeat(250_000)}b`);
  expect(take(screen, 'paint').data.length).toBeLessThan(4096);
});
