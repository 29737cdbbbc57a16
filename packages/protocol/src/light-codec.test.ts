/** The light codec against the whole one: each reads what the other writes (rules C1, C5). */
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { pack, unpack, unpackAll } from './codec.ts';
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

/** What a page may have by the name of Node's: nothing, or what a bundler puts there. */
const pages: [string, unknown][] = [
  ['nothing', undefined],
  ['bytes and no more', class Buffer extends Uint8Array {}],
];

describe('light codec', () => {
  test('[L5] a text is read as it was written, also one that begins with a mark of its byte order', () => {
    for (const length of [0, 1, 40, 64, 100, 70_000]) {
      const event = {
        type: 'diff',
        body: [`\ufeff${'a'.repeat(length)}`, 'é\ufeff'],
        at: 1.5,
        n: -7,
        none: null,
      };
      for (const bytes of [pack(event), packLight(event)]) {
        expect(unpack(bytes)).toEqual(event);
        expect(unpackLight(bytes)).toEqual(event);
        expect(unpackAll(new Uint8Array([...bytes, ...bytes]))).toEqual([event, event]);
      }
    }
  });

  test.each(pages)('[L5] a page that has %s for a Buffer reads the same', (_, buffer) => {
    const event = { type: 'ünï', body: `\ufeff${'語'.repeat(100)}` };
    const bytes = packLight(event);
    vi.stubGlobal('Buffer', buffer);
    let read: unknown;
    try {
      read = unpackLight(bytes);
    } finally {
      vi.unstubAllGlobals();
    }
    expect(read).toEqual(event);
  });

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
