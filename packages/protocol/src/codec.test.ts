/** What the codec makes of bytes from elsewhere: plain values, or nothing (rule C5). */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFrame, pack, unpack, unpackAll, unpackFrame } from './codec.ts';
import { SkeinError } from './errors.ts';
import { pack as packLight, unpack as unpackLight } from './light-codec.ts';
import { MAX_DEPTH } from './plain.ts';
import { taskCommands } from './tasks/commands.ts';
import { toolCommands } from './tools/commands.ts';

/** Plain all through, which a value that contains itself would never be found to be. */
function isPlain(value: unknown, depth = 0): boolean {
  if (depth > 10_000) return false;
  if (value instanceof Uint8Array || value === null) return true;
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depth + 1));
  if (typeof value !== 'object') return ['undefined', 'boolean', 'number', 'string'].includes(typeof value);
  return (
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.values(value).every((field) => isPlain(field, depth + 1))
  );
}

function refused(read: () => unknown): boolean {
  try {
    read();
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(SkeinError);
    expect((error as SkeinError).code).toBe('bad_frame');
    return true;
  }
}

/** Heads that msgpackr has something special to make of, each with what would follow. */
const special: Record<string, number[]> = {
  'an error': [0xd4, 0x65, 0, 0x92, 0xa1, 0x41, 0xa1, 0x42],
  'a pattern': [0xd4, 0x78, 0, 0x92, 0xa1, 0x61, 0xa0],
  'a set': [0xd4, 0x73, 0, 0x91, 1],
  'a large integer': [0xc7, 9, 0x42, 1, 0, 0, 0, 0, 0, 0, 0, 0],
  'a date': [0xd6, 0xff, 0, 0, 0, 1],
  'what contains itself': [0xd6, 0x69, 0, 0, 0, 1, 0x91, 0xd6, 0x70, 0, 0, 0, 1],
  'an array of numbers': [0xc7, 5, 0x74, 6, 1, 2, 3, 4],
  'text elsewhere': [0xd6, 0x62, 0, 0, 0, 5, 0xc0, 0xa1, 0x61, 0xa1, 0x62],
  'a record': [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 1],
  'a record of two bytes': [0xd5, 0x72, 0x40, 0, 0x91, 0xa1, 0x61, 1],
  nothing: [0xc1],
};

describe('codec', () => {
  test.each(Object.entries(special))('[C5] %s is made of no bytes, wherever it stands', (_, bytes) => {
    const before = [...pack({ t: 'ask', n: 1, type: 'x' })];
    for (const whole of [bytes, [0x91, ...bytes], [0x81, 0xa1, 0x61, ...bytes]]) {
      expect(refused(() => unpack(new Uint8Array(whole)))).toBe(true);
      expect(refused(() => unpackAll(new Uint8Array([...before, ...whole])))).toBe(true);
    }
  });

  test('[C5] any bytes are plain values or a bad frame, and what the light codec reads is read alike', () => {
    const heads = fc.oneof(
      fc.constantFrom(...Object.values(special)),
      fc.constantFrom(...[0xc4, 0xc5, 0xca, 0xcb, 0xd4, 0xd9, 0xda, 0xdc, 0xdd, 0xde, 0xdf].map((b) => [b])),
      fc.integer({ min: 0, max: 255 }).map((byte) => [byte]),
      fc.constantFrom([0], [0, 0], [0, 0, 0], [0x92], [0x81, 0xa1, 0x61]),
    );
    fc.assert(
      fc.property(fc.array(heads, { minLength: 1, maxLength: 30 }), (parts) => {
        const bytes = new Uint8Array(parts.flat());
        if (!refused(() => unpack(bytes))) expect(isPlain(unpack(bytes))).toBe(true);
        if (!refused(() => unpackAll(bytes))) expect(isPlain(unpackAll(bytes))).toBe(true);
        if (!refused(() => unpackLight(bytes))) expect(unpack(bytes)).toEqual(unpackLight(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  test('[C5] what is packed is read again, one value or many', () => {
    // A field of that name is called otherwise, for what it would do.
    const json = fc.jsonValue({ maxDepth: 5 }).filter((one) => !JSON.stringify(one).includes('__proto__'));
    const values = fc.array(json, { maxLength: 8 });
    fc.assert(
      fc.property(values, (all) => {
        const fields = { all, none: undefined, bytes: new Uint8Array(300) };
        expect(unpack(pack(fields))).toMatchObject({ all: JSON.parse(JSON.stringify(all)), none: undefined });
        expect(unpackAll(Buffer.concat(all.map((one) => pack(one))))).toHaveLength(all.length);
      }),
    );
  });
});

/** A value within so many arrays or maps. */
function nested(levels: number, around: (value: unknown) => unknown = (value) => [value, 1]): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = around(value);
  return value;
}

describe('depth', () => {
  const arounds = [(value: unknown) => [value, 1], (value: unknown) => ({ a: {}, value, b: [] })];

  test('[C5] a frame is as deep for both codecs, and no deeper; what is stored may be', () => {
    for (const around of arounds) {
      const [deepest, deeper] = [pack(nested(MAX_DEPTH, around)), pack(nested(MAX_DEPTH + 1, around))];
      expect(unpackFrame(deepest)).toEqual(unpackLight(deepest));
      expect([isFrame(deepest), isFrame(deeper)]).toEqual([true, false]);
      expect(refused(() => unpackFrame(deeper))).toBe(true);
      expect(refused(() => unpackLight(deeper))).toBe(true);
      expect(unpack(deeper)).toEqual(nested(MAX_DEPTH + 1, around));
    }
    expect(refused(() => unpackFrame(new Uint8Array(1_000_000).fill(0x91)))).toBe(true);
  });

  test('[K5] what would be deeper is refused to whoever says it', () => {
    expect(packLight(nested(MAX_DEPTH)).length).toBeGreaterThan(MAX_DEPTH);
    const tooLarge = expect.objectContaining({ code: 'too_large' });
    expect(() => packLight(nested(MAX_DEPTH + 1))).toThrow(tooLarge);
    expect(() => packLight(nested(100_000))).toThrow(tooLarge);
  });

  test('[K5] what agents report for programs stays far from that', () => {
    const report = { ok: true, text: 'done', prompt: 'a'.repeat(12) };
    for (const shape of [taskCommands['task.report'], toolCommands['agent.report']])
      for (const [levels, fits] of [
        [32, true],
        [33, false],
        [8_000, false],
      ] as const)
        expect(
          shape.safeParse({ ...report, data: { deep: nested(levels - 1, (value) => [value]) } }).success,
        ).toBe(fits);
  });
});
