/** Locators as people copy them (rule X1): read whole or refused with what is wrong, whatever was done to the line. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pack } from '../codec.ts';
import { SkeinError } from '../errors.ts';
import { decodeTicket } from '../members/ticket.ts';
import { peerIdOf } from '../relay/peer-id.ts';
import { seal } from '../text/sealed.ts';
import { decodeLocator, encodeLocator, isLocator, type Locator, MAX_LOCATOR_TEXT } from './locator.ts';

const PREFIX = 'skeinnode1';
const address = fc.string({ maxLength: 90, unit: 'grapheme-ascii' });
const locator: fc.Arbitrary<Locator> = fc.record({
  peer: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(peerIdOf),
  node: fc.string({ maxLength: 64 }),
  addrs: fc.array(address, { maxLength: 5 }),
  relays: fc.array(address, { maxLength: 3 }),
});

function refusal(text: string): string {
  try {
    decodeLocator(text);
  } catch (error) {
    if (error instanceof SkeinError) return error.code;
    throw error;
  }
  return 'taken';
}

describe('locators', () => {
  test('[X1] what is written is read again, through the white space that copying brings', () => {
    fc.assert(
      fc.property(
        locator,
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(' ', '\n', '\t', '\u200b'))),
        (one, gaps) => {
          let text = encodeLocator(one);
          expect(text).toMatch(/^skeinnode1a[a-z2-7]+$/);
          expect(isLocator(text)).toBe(true);
          for (const [at, gap] of gaps)
            text = text.slice(0, at % text.length) + gap + text.slice(at % text.length);
          expect(decodeLocator(` \n${text}\n`)).toEqual(one);
          expect(decodeLocator(text.toUpperCase())).toEqual(one);
          expect(() => decodeTicket(text)).toThrow(expect.objectContaining({ code: 'ticket_malformed' }));
        },
      ),
    );
  });

  test('[X1] one that was mistyped or cut is never taken for another', () => {
    fc.assert(
      fc.property(
        locator,
        fc.nat(),
        fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'),
        (one, n, letter) => {
          const text = encodeLocator(one);
          const at = PREFIX.length + (n % (text.length - PREFIX.length));
          const wrong = text.slice(0, at) + letter + text.slice(at + 1);
          if (wrong !== text) expect(refusal(wrong)).toBe('bad_address');
          expect(refusal(text.slice(0, at))).toBe('bad_address');
          expect(refusal(`${text.slice(0, at)}${letter}${text.slice(at)}`)).toBe('bad_address');
        },
      ),
    );
  });

  test('[C5] garbage with a sound checksum is refused as well, in words', () => {
    const garbage = fc.oneof(
      fc.string({ maxLength: 300, unit: 'binary' }),
      fc.string({ maxLength: 300 }).map((text) => PREFIX + text),
      fc.uint8Array({ maxLength: 400 }).map((bytes) => PREFIX + seal(bytes)),
      fc
        .anything({ maxDepth: 2 })
        .map((value) => PREFIX + seal(pack(JSON.parse(JSON.stringify(value) ?? 'null')))),
    );
    fc.assert(
      fc.property(garbage, (text) => {
        expect(refusal(text)).toBe('bad_address');
      }),
      { numRuns: 1_000 },
    );
    expect(refusal(PREFIX + 'a'.repeat(100_000))).toBe('bad_address');
    expect(() => decodeLocator('skeinnode2abc')).toThrow(/update Skein/);
    expect(() => decodeLocator('12D3Koo')).toThrow(/skein node show/);
  });

  test('[C5] one that would be too long to copy is not made', () => {
    const addrs = Array.from({ length: 16 }, (_, i) => `/dns4/${'x'.repeat(100)}/tcp/${i}`);
    const one = { peer: peerIdOf(new Uint8Array(32)), node: 'a', relays: [], addrs };
    expect(() => encodeLocator(one)).toThrow(expect.objectContaining({ code: 'too_large' }));
    expect(encodeLocator({ ...one, addrs: addrs.slice(0, 4) }).length).toBeLessThanOrEqual(MAX_LOCATOR_TEXT);
  });
});
