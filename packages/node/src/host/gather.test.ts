/** Output in few pieces: whole and in order, however it is given. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { gathered } from './gather.ts';

const sizes = fc.oneof(fc.nat(4096), fc.constantFrom(0, 1, 2047, 2048, 4095, 4096));

test('[H2] nothing is lost or doubled, whatever the system gives at a time', () => {
  fc.assert(
    fc.property(fc.oneof(sizes, fc.nat(70_000)), fc.array(sizes, { maxLength: 8 }), (first, given) => {
      const all = Buffer.from(Array.from({ length: 120_000 }, (_, n) => (n * 31) & 0xff));
      let at = first;
      const left = [...given];
      const bytes = gathered(Buffer.from(all.subarray(0, first)), (into, place, most) => {
        const size = left.shift();
        if (size === undefined) throw new Error('EAGAIN');
        expect(size).toBeLessThanOrEqual(most);
        const copied = all.copy(into, place, at, at + size);
        expect(copied).toBe(size);
        at += size;
        return size;
      });
      expect(bytes.equals(all.subarray(0, at))).toBe(true);
      expect(bytes.length).toBeLessThanOrEqual(Math.max(first, 16 * 1024));
    }),
    { numRuns: 500 },
  );
});
