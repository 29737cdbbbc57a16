/** What a driver is handed, and how much is held meanwhile, however an agent's output is cut (rules A2, C2). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pending } from './pending.ts';

const MAX = 20;
const NEWLINE = 10;

test('[A2] every byte is handed over once, in order, by whole lines where they are not too long', () => {
  const line = fc.oneof(fc.nat(MAX), fc.integer({ min: MAX - 2, max: 3 * MAX }));
  const cuts = fc.array(fc.integer({ min: 1, max: 2 * MAX }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.nat(3 * MAX), cuts, (lengths, rest, sizes) => {
      const all = Buffer.from([...lengths.map((n) => `${'a'.repeat(n)}\n`), 'b'.repeat(rest)].join(''));
      const pending = new Pending(7, MAX);
      const out: number[] = [];
      const take = (presented: { offset: number; bytes: Uint8Array }) => {
        expect(presented.offset).toBe(7 + out.length);
        out.push(...presented.bytes);
      };
      for (let at = 0, n = 0; at < all.length; n++) {
        const size = sizes[n % sizes.length] as number;
        const before = out.length;
        const presented = pending.push(all.subarray(at, at + size));
        at = Math.min(all.length, at + size);
        if (presented !== undefined) {
          take(presented);
          // Not cut within a line, unless that has been told to be too long.
          const begun = all.lastIndexOf(NEWLINE, out.length - 1) + 1;
          if (begun < out.length) expect(Math.max(out.length, before) - begun).toBeGreaterThan(MAX);
        }
        // The longest line, and one chunk.
        expect(pending.held).toBeLessThanOrEqual(MAX + size);
        expect(pending.held).toBe(at - out.length);
      }
      take(pending.end());
      expect(Buffer.compare(Buffer.from(out), all)).toBe(0);
    }),
  );
});

test('[C2] a line without end is held up to what is too long, and from there on passed as it comes', () => {
  const maxLine = 4 * 2 ** 20;
  const pending = new Pending(0, maxLine);
  const piece = new Uint8Array(64 * 1024).fill(97);
  const handed: number[] = [];
  for (let i = 0; i < 256; i++) {
    const presented = pending.push(piece);
    if (presented !== undefined) handed.push(presented.bytes.length);
    expect(pending.held).toBeLessThanOrEqual(maxLine);
  }
  expect(handed[0]).toBe(maxLine + piece.length);
  expect(new Set(handed.slice(1))).toEqual(new Set([piece.length]));
});
