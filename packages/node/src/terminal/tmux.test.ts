/** Our screen beside that of a real tmux, for hand-made streams and real programs (H5). */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { LEAVE } from './reset.ts';
import { textOf } from './screen/history.ts';
import { Screen } from './screen/screen.ts';
import { seenRow } from './testing/compare.ts';
import { has, record, SIZE, tmuxShows } from './testing/tmux.ts';

const dir = mkdtempSync(path.join(os.tmpdir(), 'differential-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const source = Array.from(
  { length: 200 },
  (_, i) =>
    `/* line ${i} */ int value_${i} = ${i}; // ${'å日本e\u0301 '.repeat(i % 4)}${'long '.repeat(i % 30)}`,
).join('\n');
writeFileSync(path.join(dir, 'file.c'), `${source}\nLAST LINE\n`);

function ours(bytes: Uint8Array): Screen {
  const screen = new Screen(SIZE);
  screen.write(bytes);
  return screen;
}

async function compare(bytes: Uint8Array, colours: boolean): Promise<void> {
  const screen = ours(bytes);
  // tmux gives its screen as text with sequences, line drawing shifted in from G1; our own reading of that is compared.
  const captured = ours(Buffer.from('\x1b)0'));
  for (const [i, row] of (await tmuxShows(bytes)).entries())
    captured.write(Buffer.from(`\x1b[${i + 1};1H${row}`));
  expect(textOf(screen, 0)).toEqual(textOf(captured, 0));
  if (!colours) return;
  for (let row = 0; row < SIZE.rows; row++) expect(visible(screen, row)).toEqual(visible(captured, row));
}

/** A row's cells, without the looks of blanks at its end, which tmux does not give. */
function visible(screen: Screen, row: number): string[] {
  const { active } = screen.core.buffers;
  const cells = seenRow(screen, active.lines.get(active.ybase + row), SIZE.cols);
  while (cells.at(-1)?.startsWith(' ')) cells.pop();
  return cells;
}

const picture = (cell: (row: number, column: number) => string) =>
  Array.from(
    { length: 20 },
    (_, row) => `${Array.from({ length: 70 }, (_, column) => cell(row, column)).join('')}\x1b[m\r\n`,
  ).join('');

/**
 * Left out, because the two are known to differ: emoji sequences (tmux joins them, we measure like wcwidth), and writing on
 * the second half of a wide character (tmux keeps the first half, we blank it as xterm does).
 */
const STREAMS: readonly (readonly [name: string, bytes: string, colours: boolean])[] = [
  [
    'a picture in 256 colours',
    picture((r, c) => `\x1b[38;5;${(r * 13 + c) % 256};48;5;${(r + c * 7) % 256}m▀`),
    true,
  ],
  [
    'a picture in true colour',
    picture((r, c) => `\x1b[38;2;${r * 12};${c * 3};99;48;2;${c};${r};${r + c}mX`),
    true,
  ],
  [
    'bold, dim, italic, underlined, inverse, struck',
    [1, 2, 3, 4, 7, 8, 9].map((n) => `\x1b[${n};3${n % 8}mstyle ${n}\x1b[m `).join('\r\n'),
    true,
  ],
  [
    'wide and combining characters',
    `日本語 ${'漢'.repeat(45)}\r\ne\u0301a\u0308 한국어 ﬁ\r\n${'x'.repeat(79)}字!`,
    false,
  ],
  ['emoji of one code point', '😀🎉 👍 a🚀b\r\n', false],
  ['wide characters overwritten', '漢字漢字\r\x1b[2Cab\x1b[2;1H漢字\x1b[2;1Hx', false],
  ['lines that wrap', `${'abcdefghij'.repeat(20)}\r\n${'w'.repeat(80)}\r\nnext`, false],
  ['an alternate screen, left again', 'under\r\n\x1b[?1049h\x1b[Hover\x1b[?1049lback', false],
  ['an alternate screen, not left', 'under\x1b[?1049h\x1b[5;10Hover', false],
  [
    'scroll regions',
    `\x1b[5;10r\x1b[5H${Array.from({ length: 12 }, (_, i) => `row ${i}\r\n`).join('')}\x1b[6H\x1bM\x1b[5H\x1bMtop\x1b[r\x1b[24Hend`,
    false,
  ],
  [
    'inserting and deleting lines and characters',
    `${Array.from({ length: 10 }, (_, i) => `line ${i} ${'.'.repeat(40)}`).join('\r\n')}\x1b[3H\x1b[2L\x1b[7H\x1b[M\x1b[5;5H\x1b[4@\x1b[6;5H\x1b[9P\x1b[8;8H\x1b[5X\x1b[2H\x1b[K`,
    false,
  ],
  ['line drawing', '\x1b(0lqqqk\r\nx   x\r\nmqqqj\x1b(B ok', false],
  [
    'tabs, backspaces, and tab stops of its own',
    'a\tb\tc\b\bX\r\n\x1b[3g\x1b[5G\x1bH\x1b[12G\x1bH\r1\t2\t3',
    false,
  ],
  [
    'origin mode and absolute moves',
    '\x1b[3;8r\x1b[?6h\x1b[2;3Horigin\x1b[?6l\x1b[2;3Hplain\x1b[10Gcol\x1b[12drow',
    false,
  ],
  ['insert mode', 'hello\r\x1b[4hXY\x1b[4l\x1b[5CZ', false],
  ['repeated characters', 'ab\x1b[5bc\r\n-\x1b[20b', false],
  ['a saved cursor with its pen', '\x1b[4;4H\x1b[31m\x1b7\x1b[m\x1b[9;9Hthere\x1b8here', true],
  ['leaving a shell', `one\r\ntwo\r\n$ ${LEAVE}next`, false],
  ['leaving a full-screen program', `one\r\n$ less\r\n\x1b[?1049h\x1b[12;5Hover${LEAVE}next`, false],
  [
    'leaving a shell after a full-screen program',
    `one\r\n\x1b[?1049hover\x1b[?1049l${'line\r\n'.repeat(40)}$ ${LEAVE}next`,
    false,
  ],
];

describe.skipIf(!has('tmux'))('beside tmux', () => {
  test.each(STREAMS)('[H5] the screen is what tmux shows: %s', (_name, bytes, colours) =>
    compare(Buffer.from(bytes), colours),
  );

  test.skipIf(!has('vim'))('[H5] the screen is what tmux shows: vim on a file', async () => {
    const args = [
      '-u',
      'NONE',
      '-N',
      '-n',
      '-i',
      'NONE',
      '--cmd',
      'set encoding=utf-8',
      '-c',
      'syntax on',
      'file.c',
    ];
    const bytes = await record('vim', args, dir, [
      ['line 5', 'G'],
      ['LAST LINE', '30\x19ddP:vsplit\r'],
      ['file.c', ":echo 'all' . ' done'\r"],
      ['all done', ''],
    ]);
    await compare(bytes, true);
  });

  test.skipIf(!has('less'))('[H5] the screen is what tmux shows: less', async () => {
    const bytes = await record('less', ['file.c'], dir, [
      ['line 3', '40g'],
      ['line 39', 'G'],
      ['LAST LINE', '?value_150\r'],
      ['value_160', ''],
    ]);
    await compare(bytes, true);
  });

  test.skipIf(!has('top'))('[H5] the screen is what tmux shows: top', async () => {
    await compare(await record('top', ['-n', '1'], dir, []), false);
    await compare(await record('top', ['-b', '-n', '1'], dir, []), false);
  });
});
