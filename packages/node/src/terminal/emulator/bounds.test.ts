/** However a program overdoes it, its emulator does and keeps no more than a screen needs (H1, H5). */

import { expect, test } from 'vitest';
import { Screen } from '../screen/screen.ts';
import { take } from '../screen/snapshot.ts';
import { loadState, saveState } from '../screen/state.ts';
import { outgrows } from '../testing/growth.ts';

function screenOf(text: string, size = { cols: 40, rows: 10 }): Screen {
  const screen = new Screen(size);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 65_536) screen.write(bytes.subarray(at, at + 65_536));
  return screen;
}

const uris = (screen: Screen) =>
  [...screen.core._oscLinkService._dataByLinkId.values()].map((it) => it.data.uri);
const painted = (screen: Screen) => Buffer.from(take(screen, 'paint').data).toString();
const link = (uri: string, text: string, id = '') => `\x1b]8;${id};${uri}\x1b\\${text}\x1b]8;;\x1b\\`;

test.each([...'STLMIZb@PXABCDEFGJKad`er', ' @', ' A', "'}", "'~", ' q', '"q'])(
  '[H5] CSI %s with a count of two thousand millions is done as soon as one with a small count',
  (final) => {
    const screen = screenOf('abc\r\nd\u0301', { cols: 120, rows: 40 });
    const counted = (count: number) => screen.write(Buffer.from(`x\x1b[${count}${final}`));
    expect(outgrows(counted, [1024, 1 << 20])).toBe(undefined);
    counted(2_147_483_647);
    expect(screen.faults).toBe(0);
  },
);

test('[H5] a count that is larger than the screen does what one as large as the screen does', () => {
  for (const final of 'STLMIZ') {
    const after = (count: number) =>
      take(screenOf(`a\tb\r\nc\r\nd\x1b[2;3H\x1b[${count}${final}e`), 'text').data;
    expect(after(2_147_483_647)).toEqual(after(40));
  }
  expect(Buffer.from(take(screenOf('a\x1b[4000b|'), 'text').data).toString()).toMatch(/^a{40}\na\|\n/);
});

test('[H5] a cell takes some marks, and no more however many come', () => {
  const screen = screenOf(`a${'\u0301'.repeat(500_000)}b\u0301\r${'😀\u0301'}\r\n`);
  const line = screenOf(`a${'\u0301'.repeat(500_000)}b\u0301`).core.buffers.active.lines.get(0);
  expect(line?._combined).toEqual({ 0: `a${'\u0301'.repeat(15)}`, 1: 'b\u0301' });
  expect(screen.core.buffers.active.lines.get(0)?._combined[0]).toBe('😀\u0301');
});

test('[H5] the newest links are kept, long ones are text, and neither costs more than that', () => {
  const long = screenOf(`${link('http://a', 'A')}${link(`http://b/${'x'.repeat(500_000)}`, 'B')}C`);
  expect(uris(long)).toEqual(['http://a']);
  expect(painted(long)).toContain('http://a\x1b\\A\x1b]8;;\x1b\\B');
  const many = screenOf(
    Array.from({ length: 6000 }, (_, i) => link(`http://${i}`, 'L', i % 2 ? `id=${i}` : '')).join(''),
  );
  expect(uris(many)).toHaveLength(4096);
  expect(uris(many).at(-1)).toBe('http://5999');
  expect(many.core._oscLinkService._entriesWithId.size).toBe(2048);
  // What is restored goes on with them: the same link again is the same.
  const restored = loadState(saveState(many));
  restored.write(Buffer.from(link('http://5999', 'again', 'id=5999')));
  expect(uris(restored)).toEqual(uris(many));
  expect(painted(restored)).toContain('id=5999;http://5999\x1b\\');
});

test('[H5] a line feed costs the same with however many links above it', () => {
  const fed = (links: number) => {
    const screen = screenOf(link('http://x', 'L').repeat(links));
    return () => screen.write(Buffer.from('\n'.repeat(20_000)));
  };
  const [few, many] = [fed(10), fed(4000)];
  expect(outgrows((size) => (size === 1 ? few() : many()), [1, 2])).toBe(undefined);
});

test('[H5] a title of megabytes is cut, and the screen is shown', () => {
  const screen = screenOf(`\x1b]0;${'t'.repeat(1_100_000)}\x07${'\x1b[22t'.repeat(12)}hello`);
  expect(screen.title).toBe('t'.repeat(1024));
  expect(screen.core._inputHandler._iconName).toHaveLength(1024);
  expect(painted(screen)).toContain('hello');
  expect(take(screen, 'paint').data.length).toBeLessThan(4096);
});

test('[H7] one sequence is answered for each entry of the palette at most', () => {
  const screen = new Screen({ cols: 40, rows: 10 });
  let answers = 0;
  screen.onAnswer(() => answers++);
  screen.write(Buffer.from(`\x1b]4${';1;?'.repeat(10_000)}\x07\x1b]10${';?'.repeat(10_000)}\x07`));
  expect(answers).toBe(256 + 3);
});

test('[H5] a screen is stored in a time that grows as its columns do', () => {
  const screens = new Map<number, Screen>();
  for (const cols of [60, 240, 960])
    screens.set(cols, screenOf('e\u0301'.repeat(cols * 60), { cols, rows: 60 }));
  const store = (cols: number) => saveState(screens.get(cols) ?? screenOf(''));
  expect(outgrows(store, [...screens.keys()])).toBe(undefined);
});
