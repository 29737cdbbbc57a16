/** What is a query, what is not, and that taking queries out changes nothing else (H7). */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOLD } from '../emulator/intake.ts';
import { Screen } from '../screen/screen.ts';
import { wholeScreen } from '../testing/compare.ts';
import { anyPiece, chunked, QUERIES, queryPiece, stream } from '../testing/streams.ts';
import { Neutraliser } from './queries.ts';

const mixed = stream(fc.oneof({ weight: 4, arbitrary: anyPiece }, { weight: 1, arbitrary: queryPiece }));

function neutralised(chunks: Uint8Array[], bells = false): Buffer {
  const neutraliser = new Neutraliser({ bells });
  return Buffer.concat([
    ...chunks.map((chunk) => new Uint8Array(neutraliser.push(chunk))),
    neutraliser.flush(),
  ]);
}

test('[H7] neutralising keeps every offset and does not depend on how the bytes were cut', () => {
  fc.assert(
    fc.property(chunked(mixed), fc.boolean(), ({ whole, chunks }, bells) => {
      const original = Buffer.from(whole);
      const once = neutralised([whole], bells);
      expect(once.length).toBe(whole.length);
      expect(neutralised(chunks, bells).equals(once)).toBe(true);
      expect(whole.equals(original)).toBe(true);
    }),
    { numRuns: 1000 },
  );
}, 60_000);

test('[H7] a neutralised stream draws the same screen, and nothing answers', () => {
  fc.assert(
    fc.property(mixed, (program) => {
      const [asked, quiet] = [new Screen({ cols: 20, rows: 8 }), new Screen({ cols: 20, rows: 8 })];
      const answers: string[] = [];
      quiet.onAnswer((answer) => answers.push(answer));
      asked.write(program);
      quiet.write(neutralised([program]));
      expect(answers).toEqual([]);
      // The asked one may hold back what the other one has lost.
      for (const screen of [asked, quiet]) screen.write(Buffer.from('\x18\x1b\\'));
      expect(wholeScreen(quiet)).toEqual(wholeScreen(asked));
    }),
    { numRuns: 500 },
  );
}, 60_000);

test('[H7] a stream without queries passes unchanged', () => {
  fc.assert(
    fc.property(stream(anyPiece), (program) => {
      expect(neutralised([program]).equals(program)).toBe(true);
    }),
  );
  const plain = Buffer.from('plain text\r\n');
  expect(new Neutraliser().push(plain)).toBe(plain);
});

test.each(
  QUERIES.map((query) => [query.replace(/[^\x20-\x7e]/g, (c) => `<${c.charCodeAt(0).toString(16)}>`), query]),
)('[H7] %s is taken out', (_name, query) => {
  const end = query === '\x1b]11;?' ? '\x07' : '';
  const out = neutralised([Buffer.from(`a${query}${end}b`)]).toString('latin1');
  expect(out.replace(/[\0\r\n]/g, '')).toBe('ab');
});

test.each([
  ['keyboard flags', '\x1b[>1u'],
  ['modifyOtherKeys', '\x1b[>4;2m'],
  ['modifyOtherKeys off', '\x1b[>4n'],
  ['a cursor style', '\x1b[2 q'],
  ['a soft reset', '\x1b[!p'],
  ['a title', '\x1b]0;what?\x07'],
  ['a link with a question', '\x1b]8;;http://a/?b\x1b\\'],
  ['a palette entry', '\x1b]4;1;rgb:11/22/33\x07'],
  ['a title stack', '\x1b[22;0t'],
  ['a size wish', '\x1b[8;24;80t'],
  ['a raw byte that is C1 only in Latin-1', Uint8Array.of(0x9b, 0x63)],
  ['a character with such a byte in it', 'ě\u049bc'],
  ['a progress bar', '\x1b]9;4;1;50\x07'],
])('[H7] %s is no query', (_name, sequence) => {
  const bytes = Buffer.from(sequence as string);
  expect(neutralised([bytes]).equals(bytes)).toBe(true);
});

test('[H7] bells and notifications go when asked, and an OSC keeps the BEL that ends it', () => {
  const text = 'a\x07b\x1b]0;t\x07\x1b]9;note\x07\x1b]777;notify;a;b\x1b\\c';
  const quiet = neutralised([Buffer.from(text)], true).toString('latin1');
  expect(quiet.replace(/\0/g, '')).toBe('ab\x1b]0;t\x07c');
  expect(neutralised([Buffer.from(text)]).toString('latin1')).toBe(text);
});

test('[H7] a string too long to hold goes through as it comes: a picture as it is, a clipboard as NUL', () => {
  const body = 'A'.repeat(3 * HOLD);
  for (const [begin, kept] of [
    ['\x1bPq', true],
    ['\x1b]52;c;', false],
  ] as const) {
    const bytes = Buffer.from(`x${begin}${body}\x1b\\y`);
    const neutraliser = new Neutraliser();
    const out: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += 1000) {
      out.push(new Uint8Array(neutraliser.push(bytes.subarray(at, at + 1000))));
      expect(neutraliser.pending).toBeLessThanOrEqual(HOLD);
    }
    const whole = Buffer.concat(out);
    expect(whole.length).toBe(bytes.length);
    if (kept) expect(whole.equals(bytes)).toBe(true);
    else expect(whole.toString('latin1').replace(/\0/g, '')).toBe('xy');
  }
});
