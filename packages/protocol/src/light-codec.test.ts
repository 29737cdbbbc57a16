/** The light codec against the whole one: each reads what the other writes (rules C1, C5). */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pack, unpack } from './codec.ts';
import { SkeinError } from './errors.ts';
import { pack as packLight, unpack as unpackLight } from './light-codec.ts';

/** What frames are made of. */
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }),
    fc.string({ maxLength: 300 }),
    fc.string({ unit: 'grapheme', minLength: 300, maxLength: 5000 }),
    fc.uint8Array({ maxLength: 70_000 }),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(
      fc.string({ maxLength: 20 }).filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 20 },
    ),
  ),
})).value;

/** Binary compared by its bytes, whatever class holds it; -0 is 0 in msgpack's integers. */
function plain(v: unknown): unknown {
  if (v instanceof Uint8Array) return ['bytes', Buffer.from(v).toString('hex')];
  if (Array.isArray(v)) return v.map(plain);
  if (typeof v === 'object' && v !== null)
    return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, plain(x)]));
  return v === 0 ? 0 : v;
}

describe('light codec', () => {
  test('[C1] writes what the whole codec reads, and reads what it writes', () => {
    fc.assert(
      fc.property(value, (v) => {
        expect(plain(unpack(packLight(v)))).toEqual(plain(v));
        expect(plain(unpackLight(pack(v)))).toEqual(plain(v));
        expect(plain(unpackLight(packLight(v)))).toEqual(plain(v));
      }),
      { numRuns: 400 },
    );
  });

  test('[C5] refuses what is no value, or not one alone, with bad_frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          unpackLight(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(SkeinError);
          expect((error as SkeinError).code).toBe('bad_frame');
        }
      }),
      { numRuns: 3000 },
    );
    const whole = pack({ a: [1, 'two', new Uint8Array(3)] });
    for (let cut = 0; cut < whole.length; cut++)
      expect(() => unpackLight(whole.subarray(0, cut))).toThrow(SkeinError);
    expect(() => unpackLight(Buffer.concat([whole, whole]))).toThrow(SkeinError);
  });
});
