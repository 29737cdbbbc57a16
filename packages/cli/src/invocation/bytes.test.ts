/** Sizes as they are written on a command line (rule K5). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBytes } from './bytes.ts';

const MiB = 1024 ** 2;
const keep = (text: string) => parseBytes('keep', text, 8 * MiB, 64 * 1024 * MiB);

test('a size is a number with a unit of 1,024, however that is written', () => {
  for (const text of [
    '256MiB',
    '256MB',
    '256M',
    '256m',
    '256mib',
    '256 MiB',
    `${256 * MiB}`,
    `${256 * MiB}B`,
  ])
    expect(keep(text)).toBe(256 * MiB);
  expect(keep('1GiB')).toBe(1024 * MiB);
  expect(parseBytes('keep', undefined, 0, 1)).toBeUndefined();
});

test('[K5] and anything else, or out of bounds, is refused with what would do', () => {
  for (const text of ['', 'much', '-1G', '1.5GiB', '1 GiB now', '7MiB', '65GiB', '999999999999999T', '1e9'])
    expect(() => keep(text)).toThrow(
      expect.objectContaining({ code: 'bad_request', message: expect.stringContaining('8.0 MiB to 64 GiB') }),
    );
});

test('whatever is taken is a whole number of bytes within its bounds', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^\d{1,16} ?[KMGTkmgt]?i?[Bb]?$/), (text) => {
      let bytes: number | undefined;
      try {
        bytes = keep(text);
      } catch {
        return;
      }
      expect(
        Number.isSafeInteger(bytes) && Number(bytes) >= 8 * MiB && Number(bytes) <= 64 * 1024 * MiB,
      ).toBe(true);
    }),
  );
});
