/** Patterns against every path there is, over a small alphabet: what they name, whether two meet, whether one holds another. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  covers,
  foldName,
  foldPattern,
  formatPattern,
  includes,
  normalPattern,
  overlaps,
  type Pattern,
  parsePattern,
  patternOfPath,
  shownPattern,
  typedPath,
  typedPattern,
} from './patterns.ts';

/** Names of `a` and `b`, up to five: enough for any two of the patterns below to meet in, if they can meet. */
const NAMES = ['a', 'b'].flatMap(longer);
function longer(name: string): string[] {
  return name.length === 5 ? [name] : [name, ...longer(`${name}a`), ...longer(`${name}b`)];
}
const wholeName = fc.constantFrom(
  'a',
  'b',
  'ab',
  'ba',
  'aa',
  '*',
  'a*',
  '*b',
  'a*b',
  '*a*',
  'b*a',
  'a*a',
  '*ab',
  'ab*a',
);
const pattern = fc
  .tuple(fc.array(wholeName, { maxLength: 2 }), fc.boolean())
  .filter(([names, below]) => names.length > 0 || below)
  .map(([names, below]) => parsePattern([...names, ...(below ? ['**'] : [])].join('/')));

/** Says of a path what a regular expression does: another way to the same answer. */
function named(one: Pattern): RegExp {
  const names = one.segments.map((segment) =>
    typeof segment === 'string' ? segment : segment.join('[^/]*').replace(/^\[\^\/\]\*$/, '[^/]+'),
  );
  const below = names.length === 0 ? '.*' : '(/.*)?';
  return new RegExp(`^${names.join('/')}${one.below ? below : ''}$`);
}

const PATHS = [
  '',
  ...NAMES,
  ...NAMES.flatMap((name) => NAMES.map((other) => `${name}/${other}`)),
  ...['a', 'b', 'ab'].flatMap((name) => ['a', 'ba'].map((other) => `${name}/${other}/b`)),
];

describe('patterns', () => {
  test('[W1] what a pattern names is what the same regular expression does', () => {
    fc.assert(
      fc.property(pattern, fc.constantFrom(...PATHS), (one, path) => {
        expect(covers(one, path)).toBe(named(one).test(path));
      }),
      { numRuns: 3_000 },
    );
  });

  test('[W1] two patterns overlap exactly when there is a path that both name', () => {
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        const [isA, isB] = [named(a), named(b)];
        const both = PATHS.some((path) => isA.test(path) && isB.test(path));
        expect(overlaps(a, b)).toBe(both);
        expect(overlaps(b, a)).toBe(both);
      }),
      { numRuns: 1_000 },
    );
  });

  test('[W1] one pattern holds another exactly when it names all that the other does', () => {
    fc.assert(
      fc.property(pattern, pattern, (outer, inner) => {
        const [isOuter, isInner] = [named(outer), named(inner)];
        const held = [...PATHS, 'c', 'cac', 'acb', 'bca', 'abca', 'c/c', 'c/c/c/c'].every(
          (path) => !isInner.test(path) || isOuter.test(path),
        );
        // Deeper than those paths, `**` alone tells.
        const deeper = !inner.below || outer.below;
        expect(includes(outer, inner)).toBe(held && deeper);
      }),
      { numRuns: 1_000 },
    );
  });

  const anyName = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 6 })
    .map((name) => name.replace(/[/\0]/g, '*'))
    .filter((name) => name !== '.' && name !== '..');

  test('[W1] any path there can be has a pattern that names it alone, in a form that stays as it is', () => {
    fc.assert(
      fc.property(fc.array(anyName, { minLength: 1, maxLength: 4 }), fc.boolean(), (names, below) => {
        const path = names.join('/');
        const text = formatPattern(patternOfPath(path, below));
        expect(normalPattern(text)).toBe(text);
        expect(normalPattern(shownPattern(text))).toBe(text);
        expect(shownPattern(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(normalPattern(typedPattern(text))).toBe(text);
        expect(normalPattern(typedPath(path))).toBe(formatPattern(patternOfPath(path)));
        expect(typedPath(path)).not.toMatch(/^-|[\p{Cc}\p{Cf}]/u);
        expect(covers(parsePattern(text), path)).toBe(true);
        expect(covers(parsePattern(text), `${path}/x`)).toBe(below);
        expect(covers(parsePattern(text), `${path}x`)).toBe(false);
      }),
    );
  });

  test('[W1] what parses at all has a form that parses to the same', () => {
    const signs = fc.constantFrom('a', '*', '/', '\\', '.', '**', '\\*', '\n', ' ', 'é', '😀');
    fc.assert(
      fc.property(fc.array(signs, { maxLength: 8 }), (parts) => {
        let parsed: Pattern;
        try {
          parsed = parsePattern(parts.join(''));
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad_request' });
          return;
        }
        const text = formatPattern(parsed);
        expect(parsePattern(text)).toEqual(parsed);
      }),
    );
  });

  test.each([
    ['./src//x.ts', 'src/x.ts'],
    ['src/', 'src/**'],
    ['./', '**'],
    ['src/**/', 'src/**'],
    ['a/./b', 'a/b'],
    ['a\\*', 'a\\*'],
    ['a\\u{2a}', 'a\\*'],
    ['a\\n', 'a\n'],
    ['{a,b}/[c]?', '{a,b}/[c]?'],
  ])('[W1] %s is %s', (given, normal) => expect(normalPattern(given)).toBe(normal));

  test.each([
    ['', 'no path'],
    ['.', 'no path'],
    ['/etc', 'root'],
    ['../x', '".."'],
    ['a/../b', '".."'],
    ['**/x', 'last'],
    ['a**', 'last'],
    ['a\0', 'NUL'],
    ['a\\x', 'after'],
    ['a\\', 'after'],
    ['a\\u{2f}b', 'after'],
    ['\\u{2e}.', '"."'],
    ['\ud800', 'Unicode'],
    ['a/'.repeat(300), 'names'],
    ['a'.repeat(5000), 'bytes'],
  ])('[K5] %j is refused, and it is told why', (given, why) => {
    expect(() => parsePattern(given)).toThrow(why);
  });

  test('[W1] on a disk that folds case or Unicode, names that it takes for the same are the same', () => {
    const both = { case: true, unicode: true };
    expect(foldName('É.txt', both)).toBe(foldName('e\u0301.TXT', both));
    expect(foldName('\u00e9', { case: false, unicode: true })).toBe('e\u0301');
    expect(foldName('É', { case: false, unicode: true })).not.toBe(
      foldName('é', { case: false, unicode: true }),
    );
    expect(foldName('straße', both)).toBe(foldName('STRASSE', both));
    expect(foldName('ΟΔΟΣ', both)).toBe(foldName('οδος', both));
    const fold = (text: string) => foldPattern(parsePattern(text), both);
    expect(overlaps(fold('SRC/*.TS'), fold('src/É.ts'))).toBe(true);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), fc.boolean(), (name, anyCase, unicode) => {
        const folds = { case: anyCase, unicode };
        expect(foldName(foldName(name, folds), folds)).toBe(foldName(name, folds));
      }),
      { numRuns: 2_000 },
    );
    for (let point = 1; point < 0x30000; point++) {
      if (point >= 0xd800 && point < 0xe000) continue;
      const sign = String.fromCodePoint(point);
      const key = foldName(sign, both);
      if (foldName(key, both) !== key || foldName(sign.toUpperCase(), both) !== key)
        expect.fail(`U+${point.toString(16)} is folded otherwise than its upper case`);
    }
  });
});
