/** No output costs the readers of programs' output more than in proportion: they serve all the programs of a host (H1, H5, H7). */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Intake } from '../emulator/intake.ts';
import { outgrows, repeated } from '../testing/growth.ts';
import { Neutraliser } from './queries.ts';
import { queryEnds } from './query-ends.ts';
import { nextIntroducer, State, unfinished, Walker } from './sequences.ts';
import { partialTail } from './utf8.ts';

/** What begins, goes on, cuts or ends a sequence somewhere. */
const TOKENS = [
  ...['\x1b', '\x1b[', '\x1b]', '\x1bP', '\x1bX', '\x1b_G', '\x1b\\', '\x1bc', '\x18', '\x07', '\x05'],
  ...['\0', '\n', '0', '1;', ';', ':', '?', '>', '$', ' ', 'm', 'c', 'n', 'q', 't', 'x', 'é', '漢', '\u0301'],
  ...['\u009b', '\u009d', '\u0090', '\u009c', '\u0085', '[', ']', '\x1b[?', '\x1b[1;', '\x1b]4;', '\x1b[6'],
].map((text) => Buffer.from(text));

const token = fc.oneof(
  fc.constantFrom(...TOKENS),
  fc.constant(Buffer.of(0xc2)),
  fc.constant(Buffer.of(0xff)),
);
const tokens = (most: number) =>
  fc.array(token, { minLength: 1, maxLength: most }).map((all) => new Uint8Array(Buffer.concat(all)));

const WORKS: [name: string, work: (bytes: Uint8Array) => void][] = [
  ['where queries end', (bytes) => void queryEnds(bytes, State.GROUND)],
  ['where what is unfinished begins', (bytes) => void unfinished(bytes, Infinity)],
  [
    'the intake of the emulator',
    (bytes) => {
      const intake = new Intake(0);
      for (let at = 0; at < bytes.length; at += 4096) intake.push(bytes.subarray(at, at + 4096));
    },
  ],
  [
    'the neutraliser',
    (bytes) => {
      const neutraliser = new Neutraliser({ bells: true });
      for (let at = 0; at < bytes.length; at += 4096) neutraliser.push(bytes.subarray(at, at + 4096));
    },
  ],
];

test.each(WORKS)(
  '[H5] %s is found in a time that grows as the output does',
  (_, work) => {
    fc.assert(
      fc.property(tokens(3), tokens(3), tokens(3), (begin, again, end) => {
        expect(outgrows((size) => work(repeated(begin, again, size, end)))).toBe(undefined);
      }),
      { numRuns: 60 },
    );
  },
  60_000,
);

test.each([
  ['a sequence with controls in it', '\x1b[', '\0'],
  ['a sequence with line feeds and digits', '\x1b[1;', '\n'],
  ['C1 controls that cut each other', '', '\u009b'],
  ['C1 strings that cut each other, after an escape', '\x1b', '\u009d'],
  ['escapes that cut C1 controls', '', '\u009b\u009b\u009b\u009b\x1b['],
  ['an OSC of question marks', '\x1b]4;', '?;'],
])('[H5] %s is read in a time that grows as the output does', (_, begin, again) => {
  const [first, pattern, none] = [Buffer.from(begin), Buffer.from(again), Buffer.alloc(0)];
  for (const [name, work] of WORKS) {
    const grown = outgrows((size) => work(repeated(first, pattern, size, none)));
    expect([name, grown]).toEqual([name, undefined]);
  }
});

test('[H5] what is unfinished is what a walk from the first byte leaves open, with all that it cuts short', () => {
  const walked = (bytes: Uint8Array): number => {
    const walker = new Walker();
    let [at, chain, cut] = [0, 0, false];
    for (;;) {
      const start = nextIntroducer(bytes, at);
      if (start >= bytes.length) return partialTail(bytes.subarray(at));
      if (!cut) chain = start;
      const ending = walker.begin(bytes, start);
      if (ending === 'open') return bytes.length - chain;
      cut = ending === 'cut';
      at = walker.end;
    }
  };
  fc.assert(
    fc.property(tokens(12), (bytes) => {
      const whole = walked(bytes);
      expect(unfinished(bytes, Infinity)).toBe(whole);
      const some = unfinished(bytes, 4);
      expect(whole <= 4 ? some === whole : some > 4 && some <= whole).toBe(true);
    }),
    { numRuns: 5000 },
  );
});
