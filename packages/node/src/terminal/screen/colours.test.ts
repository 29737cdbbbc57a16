/** The colours that a program gave its terminal, at another terminal later (H5, H7). */

import { expect, test } from 'vitest';
import { COLOURS, LEAVE } from '../reset.ts';
import { paint } from './paint.ts';
import { Frames } from './render.ts';
import { Screen } from './screen.ts';
import { loadState, saveState } from './state.ts';

const SIZE = { cols: 20, rows: 4 };
const SET = '\x1b]4;1;#ff0000;200;rgb:1/2/3\x07\x1b]11;#002b36\x1b\\\x1b]12;orange\x07';

function screenOf(...parts: string[]): Screen {
  const screen = new Screen(SIZE);
  for (const part of parts) screen.write(Buffer.from(part));
  return screen;
}

test('[H5] are painted for whoever attaches, equal size or not, and go again with whoever leaves', () => {
  const program = screenOf(SET, 'text');
  const expected = { '4;1': '#ff0000', '4;200': 'rgb:1/2/3', 11: '#002b36', 12: 'orange' };
  const same = screenOf('\x1b]4;2;#00ff00\x07', paint(program));
  expect(same.extra.colours).toEqual(expected);
  const frames = new Frames({ cols: 10, rows: 3 });
  const other = screenOf('\x1b]10;#00ff00\x07', Buffer.from(frames.next(program) ?? []).toString());
  expect(other.extra.colours).toEqual(expected);
  program.write(Buffer.from('\x1b]104;1\x07\x1b]111\x07'));
  other.write(frames.next(program) ?? new Uint8Array());
  expect(other.extra.colours).toEqual({ '4;200': 'rgb:1/2/3', 12: 'orange' });
  same.write(Buffer.from(LEAVE));
  expect(same.extra.colours).toEqual({});
});

test('[H5] are kept on disk, and are those of the terminal again after a reset', () => {
  const program = loadState(saveState(screenOf(SET)));
  expect(paint(program)).toContain('\x1b]11;#002b36\x1b\\');
  program.write(Buffer.from('\x1bc'));
  const viewer = screenOf(SET, paint(program));
  expect(viewer.extra.colours).toEqual({});
});

test('[H5] of a program that says nothing of them are left as the user has them', () => {
  expect(paint(screenOf('text'))).not.toContain(COLOURS);
  const frame = new Frames({ cols: 10, rows: 3 }).next(screenOf('text', '\x1b]11;?\x07'));
  expect(Buffer.from(frame ?? []).toString()).not.toContain('\x1b]11');
});

test('[H7] are what the emulator tells a program that asks for them; nothing else becomes of what is no colour', () => {
  const program = new Screen(SIZE);
  const answers: string[] = [];
  program.onAnswer((data) => answers.push(data));
  program.write(Buffer.from(`${SET}\x1b]11;?\x07\x1b]4;200;?\x07\x1b]12;?\x07`));
  expect(answers).toEqual([
    '\x1b]11;rgb:0000/2b2b/3636\x1b\\',
    '\x1b]4;200;rgb:1111/2222/3333\x1b\\',
    '\x1b]12;rgb:d0d0/d0d0/d0d0\x1b\\',
  ]);
  const odd = screenOf('\x1b]11;\x01#12\x07\x1b]4;256;red;-1;red;1;?\x07', `\x1b]10;${'a'.repeat(99)}\x07`);
  expect(odd.extra.colours).toBeUndefined();
});
