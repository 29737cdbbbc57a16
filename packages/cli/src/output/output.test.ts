/** What people read: tables, ages, endings, plain text. */

import { COLOURS } from '@skein/protocol/text/paint';
import { columnsOf, table } from '@skein/protocol/text/table';
import { age, harmless, shellWord, visible } from '@skein/protocol/text/words';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesText } from './bytes-text.ts';
import { howItEnded, statusOf } from './how-it-ended.ts';
import { PlainText } from './plain-text.ts';
import { jsonText } from './write.ts';

describe('for people', () => {
  test('columns are aligned by what they show, wide characters and colours included', () => {
    const red = (text: string) => `\x1b[31m${text}\x1b[39m`;
    const rows = [
      [{ text: 'a' }, { text: 'last' }],
      [{ text: '日本', paint: red }, { text: 'x' }],
    ];
    expect(table(rows)).toBe('a     last\n\x1b[31m日本\x1b[39m  x\n');
    expect(columnsOf('é́')).toBe(1);
  });

  test('ages have one unit', () => {
    const ages = [0, 59_999, 60_000, 3_599_000, 7_200_000, 47 * 3600_000, 72 * 3600_000];
    expect(ages.map(age)).toEqual(['0s', '59s', '1m', '59m', '2h', '47h', '3d']);
    expect([0, 1023, 1536, 64 * 1024 ** 2].map(bytesText)).toEqual(['0 B', '1023 B', '1.5 KiB', '64 MiB']);
  });

  test('[H7] nothing that a program printed does so in its plain text: sequences of one byte begin as those of two do', () => {
    const plain = new PlainText();
    expect(
      plain.push('a\u009d52;c;aGk=\u009cb\u009b6nc\u0085\u009b') + plain.push('2Kd\u009d0;x\x07e\n'),
    ).toBe('   de\n');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const one = new PlainText();
        expect(one.push(text) + one.end()).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f]/);
      }),
    );
  });

  test('nothing that a session is called can move the cursor', () => {
    expect(visible('a\x1b[2Jb\n')).toBe('a^[[2Jb^J');
    expect(visible('\u061cdetrevni \u202e\u2067')).toBe('?detrevni ??');
    expect(shellWord("it's \x1b]0;x\x07")).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
    expect([shellWord('a/b=c'), shellWord('a b'), shellWord("it's")]).toEqual([
      'a/b=c',
      "'a b'",
      "'it'\\''s'",
    ]);
  });

  test('nor can what is printed for programs, which reads the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const text = jsonText({ name });
        expect(JSON.parse(text)).toEqual({ name });
        expect(text).toBe(visible(text));
      }),
    );
  });

  test('nothing that is printed for people is obeyed by a terminal, but our own colours', () => {
    for (const paint of Object.values(COLOURS)) expect(harmless(paint('a\n\tb'))).toBe(paint('a\n\tb'));
    const text = fc.string({
      unit: fc.constantFrom('\x1b', '[', ']', '5', '1', '8', 'm', ';', '\x07', '\x9b', '\u202e', 'é'),
    });
    fc.assert(
      fc.property(text, (said) => {
        const rest = harmless(said).replace(/\x1b\[(1|2|22|31|32|33|39)m/g, '');
        expect(rest).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
      }),
    );
  });

  test('an end is a status or a signal', () => {
    expect(howItEnded({ code: 3, signal: null })).toBe('exit 3');
    expect(howItEnded({ code: 0, signal: 9 })).toBe('SIGKILL');
    expect([statusOf({ code: 3, signal: 0 }), statusOf({ code: null, signal: 15 })]).toEqual([3, 143]);
  });
});

function plain(...chunks: string[]): string {
  const text = new PlainText();
  return chunks.map((chunk) => text.push(chunk)).join('') + text.end();
}

describe('plain text', () => {
  test('is what a line showed when it was left', () => {
    expect(plain('\x1b[31mred\x1b[m\r\nnext\r\n')).toBe('red\nnext\n');
    expect(plain('10%\r100%\r\n')).toBe('100%\n');
    expect(plain('ab\b\x1b[Kc\r\n')).toBe('ac\n');
    expect(plain('abc\x1b[2D\x1b[1PX\r\n')).toBe('aX\n');
    expect(plain('ac\b\x1b[1@b\r\n')).toBe('abc\n');
    expect(plain('a\tb\r\n')).toBe('a       b\n');
    expect(plain('\x1b]0;title\x07$ ls')).toBe('$ ls\n');
    expect(plain('\x1bP1$r0m\x1b\\x\x1b(B\n')).toBe('x\n');
  });

  test('is not many times what was printed, wherever a sequence moves to', () => {
    const line = '\x1b[65535Gx\x1b[65535Cy\n';
    const plain = new PlainText();
    expect(plain.push(line.repeat(10)).length).toBeLessThan(10 * 1_100);
  });

  test('[C5] no sequence makes a line wider than a terminal, or moves about what is wider, however many there are', () => {
    const inserted = plain(`x\r${'\x1b[300@'.repeat(3)}y\n`);
    expect(inserted).toBe(`y${' '.repeat(899)}x\n`);
    expect(plain(`x\r${'\x1b[300@'.repeat(200)}y\n`)).toBe('y\n');
    const wide = 'w'.repeat(2_000);
    for (const final of ['P', '@', '1K']) expect(plain(`${wide}\x1b[5G\x1b[${final}\n`)).toBe(`${wide}\n`);
    expect(plain(`${wide}\x1b[5G\x1b[K\n`)).toBe('wwww\n');
  });

  test('is the same wherever the output is cut', () => {
    const piece = fc.constantFrom(
      'a',
      'é',
      '😀',
      '\r',
      '\n',
      '\b',
      '\t',
      '\x1b[31m',
      '\x1b[3C',
      '\x1b[K',
      '\x1b]0;t\x07',
      '\x1b\\',
      '\x1b',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(99)), (pieces, cuts) => {
        const text = [...pieces.join('')];
        const places = [0, ...cuts.map((c) => c % (text.length + 1)).sort((a, b) => a - b), text.length];
        const chunks = places.slice(1).map((end, i) => text.slice(places[i], end).join(''));
        expect(plain(...chunks)).toBe(plain(text.join('')));
        expect(plain(text.join(''))).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
      }),
      { numRuns: 1000 },
    );
  });
});
