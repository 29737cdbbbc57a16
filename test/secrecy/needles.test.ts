/** The search itself: what is there is found, in whatever form and wherever it stands; what is not there is not. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findIn, findMasked, needlesOf } from './needles.ts';

const WRITTEN: Record<string, (bytes: Buffer) => Buffer> = {
  raw: (bytes) => bytes,
  hex: (bytes) => Buffer.from(bytes.toString('hex')),
  HEX: (bytes) => Buffer.from(bytes.toString('hex').toUpperCase()),
  base64: (bytes) => Buffer.from(bytes.toString('base64')),
  base64url: (bytes) => Buffer.from(bytes.toString('base64url')),
  'UTF-16LE of base64': (bytes) => Buffer.from(bytes.toString('base64'), 'utf16le'),
  'UTF-16LE of hex': (bytes) => Buffer.from(bytes.toString('hex'), 'utf16le'),
};

test('[F9] a secret is found in every form, at every alignment', () => {
  const around = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 40 }),
      around,
      around,
      fc.constantFrom(...Object.keys(WRITTEN)),
      (secret, before, after, form) => {
        const haystack = WRITTEN[form]?.(Buffer.concat([before, secret, after]));
        expect(findIn(haystack as Buffer, needlesOf('it', secret))).not.toEqual([]);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('[F9] a text is found with two bytes a character', () => {
  const text = `canary${randomBytes(8).toString('hex')}`;
  const haystack = Buffer.from(`before ${text} after`, 'utf16le');
  const found = (where: Buffer) =>
    findIn(where, needlesOf('it', Buffer.from(text), true)).map(({ name }) => name);
  expect(found(haystack)).toContain('it (raw, UTF-16LE)');
  expect(found(haystack.swap16())).toContain('it (raw, UTF-16BE)');
});

test('[F9] what is not there is not found', () => {
  const needles = needlesOf('it', randomBytes(16));
  expect(findIn(randomBytes(4_000_000), needles)).toEqual([]);
});

test('[F9] what a WebSocket masked is found as well', () => {
  const mask = randomBytes(4);
  const secret = randomBytes(20);
  const haystack = Buffer.concat([randomBytes(1_001), secret, randomBytes(500)]);
  for (let i = 0; i < haystack.length; i++) haystack[i] = (haystack[i] as number) ^ (mask[i % 4] as number);
  const needles = needlesOf('it', secret);
  expect(findIn(haystack, needles)).toEqual([]);
  expect(findMasked(haystack, needles).map(({ name }) => name)).toEqual(['it (raw)']);
});
