/** Markdown as rows. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markdownRows } from './markdown.ts';
import { narrowed } from './markdown-table.ts';
import { MessageRows } from './message-rows.ts';
import { BOLD, CYAN, PLAIN, textOf } from './style.ts';
import { rowColumns } from './width.ts';

const shown = (text: string, width = 40) => new MessageRows().rows(text, width, PLAIN).map(textOf);

describe('markdown', () => {
  test('headings, lists, code, quotes and tables look like what they are', () => {
    expect(shown('# Title\n\nSome **bold** `code`.\n\n- one\n- two\n  - inner\n')).toEqual([
      ...['Title', '', 'Some bold code.', '', '• one', '• two', '  ◦ inner'],
    ]);
    expect(shown('1. a\n2. b\n\n```js\nlet a = 1;\n\n  b();\n```\n\n> said\n')).toEqual([
      ...['1. a', '2. b', '', '╭ js', '│ let a = 1;', '│ ', '│   b();', '', '▎ said'],
    ]);
    expect(shown('| a | long |\n|---|---:|\n| 日本 | 1 |')).toEqual([
      'a    │ long',
      '─────┼─────',
      '日本 │    1',
    ]);
    expect(shown('- [x] done\n- [ ] not')).toEqual(['☑ done', '☐ not']);
    expect(shown('see [here](http://a.b) &amp; <http://c.d>')).toEqual([
      'see here (http://a.b) & http://c.d',
    ]);
  });

  test('[U1] lists and tables that have no room are told without their shape, and no wider', () => {
    const nested = '- one\n  1. two\n     - three, and much more of it\n\n> > > said';
    const table = '| a | b | c |\n|---|--:|---|\n| some text | more text | 日本語 |';
    for (const text of [nested, table])
      for (let width = 4; width < 24; width++)
        for (const row of markdownRows(text, width, PLAIN))
          expect(rowColumns(row)).toBeLessThanOrEqual(width);
    expect(shown('| a | b |\n|---|---|\n| one | two |', 8)).toEqual(['a │ b', 'one │', 'two']);
  });

  test('words are broken at spaces, wide letters anywhere', () => {
    expect(shown('one two three four', 9)).toEqual(['one two', 'three', 'four']);
    expect(shown('日本語日本語', 8)).toEqual(['日本語日', '本語']);
    const row = markdownRows('a **b** `c`', 40, PLAIN)[0];
    expect(row?.map(({ style }) => style)).toEqual([PLAIN, BOLD, PLAIN, CYAN]);
  });

  test('what is nested without end, or one endless paragraph, is shown and does not hang', () => {
    const began = performance.now();
    for (const text of ['>'.repeat(20_000), '- '.repeat(10_000), '*a '.repeat(30_000), '['.repeat(50_000)])
      expect(shown(text).length).toBeGreaterThan(0);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test('columns of a table are narrowed, the widest first, to what there is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 }),
        fc.nat(120),
        (widths, room) => {
          const out = narrowed(widths, room);
          for (const [i, width] of out.entries()) {
            expect(width).toBeLessThanOrEqual(widths[i] ?? 0);
            expect(width).toBeGreaterThanOrEqual(Math.min(4, widths[i] ?? 0));
          }
          const sum = out.reduce((a, b) => a + b, 0);
          if (out.some((width) => width > 4)) expect(sum).toBeLessThanOrEqual(Math.max(room, 0));
        },
      ),
    );
  });
});
