/** Random programs, stored and restored in the middle, cut anywhere (H5). */

import { SkeinError } from '@skein/protocol/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wholeScreen } from '../testing/compare.ts';
import { anyPiece, chunked, queryPiece, stream } from '../testing/streams.ts';
import { Screen } from './screen.ts';
import { loadState, saveState } from './state.ts';

const size = fc.record({ cols: fc.integer({ min: 2, max: 30 }), rows: fc.integer({ min: 1, max: 12 }) });

test('[H5] a stored and restored screen goes on exactly as if it had not been', () => {
  fc.assert(
    fc.property(size, stream(anyPiece), size, stream(anyPiece), (first, before, second, after) => {
      const kept = new Screen({ ...first, scrollback: 20 });
      kept.write(before);
      const restored = loadState(saveState(kept));
      expect(restored.offset).toBe(kept.offset);
      expect(wholeScreen(restored)).toEqual(wholeScreen(kept));
      // What was held back is read again, from the offset of the state.
      const rest = Buffer.concat([before.subarray(kept.offset), after]);
      restored.write(rest);
      kept.write(after);
      expect(wholeScreen(restored)).toEqual(wholeScreen(kept));
      for (const screen of [kept, restored]) {
        screen.resize(second.cols, second.rows);
        screen.write(after);
      }
      expect(wholeScreen(restored)).toEqual(wholeScreen(kept));
      expect([kept.faults, restored.faults]).toEqual([0, 0]);
    }),
    { numRuns: 300 },
  );
}, 120_000);

test('[H5] a screen does not depend on how its bytes were cut into chunks', () => {
  fc.assert(
    fc.property(chunked(stream(fc.oneof(anyPiece, queryPiece))), ({ whole, chunks }) => {
      const answers: [string, number][][] = [[], []];
      const [once, piecewise] = answers.map((list) => {
        const screen = new Screen({ cols: 20, rows: 6, scrollback: 20 });
        screen.onAnswer((data, offset) => list.push([data, offset]));
        return screen;
      }) as [Screen, Screen];
      once.write(whole);
      for (const chunk of chunks) {
        piecewise.write(chunk);
        expect(piecewise.core._inputHandler._parser.currentState).toBe(0);
      }
      expect(piecewise.offset).toBe(once.offset);
      expect(wholeScreen(piecewise)).toEqual(wholeScreen(once));
      expect(answers[1]).toEqual(answers[0]);
    }),
    { numRuns: 300 },
  );
}, 120_000);

test('[H5] while a string longer than the hold is under way, the offset stays before it', () => {
  const screen = new Screen({ cols: 20, rows: 4 });
  screen.write(Buffer.from('before\x1b]0;'));
  for (let i = 0; i < 300; i++) screen.write(Buffer.from('long title ぁ'.repeat(2)));
  expect(screen.offset).toBe(6);
  const restored = loadState(saveState(screen));
  expect(restored.offset).toBe(6);
  screen.write(Buffer.from('\x1b\\after'));
  expect(screen.pending).toBe(0);
  expect(screen.title.startsWith('long title')).toBe(true);
  expect(screen.terminal.buffer.active.getLine(0)?.translateToString(true)).toBe('beforeafter');
});

test('[H5] a state that is damaged, foreign or cut short is refused as such', () => {
  const screen = new Screen({ cols: 20, rows: 4 });
  screen.write(Buffer.from('hello'));
  const state = saveState(screen);
  for (const bad of [
    state.subarray(0, -9),
    Buffer.from('nothing'),
    state.map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
  ]) {
    expect(() => loadState(bad)).toThrow(SkeinError);
  }
});
