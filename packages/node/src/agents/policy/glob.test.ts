/** What globs of policies fit (rule A5). */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitsPath, fitsText, mayFitText, namesOf, pathGlob } from './glob.ts';

const fits = (glob: string, path: string) => {
  const { itself, all, below } = fitsPath(pathGlob(glob, '/w', '/home/me'), namesOf(path));
  return [itself && 'itself', all && 'all', below && 'below'].filter((one) => one !== false).join(' ');
};

test.each([
  ['src/**', '/w/src/a/b.ts', 'itself all below'],
  ['src/**', '/w/src', 'itself all below'],
  ['src/', '/w/src/a', 'itself all below'],
  ['src', '/w/src', 'itself'],
  ['src', '/w/src/a', ''],
  ['src/*', '/w/src/a', 'itself'],
  ['src/*', '/w/src/a/b', ''],
  ['src/*.ts', '/w/src', 'below'],
  ['**/.env', '/w/a/b/.env', 'itself below'],
  ['**/.env', '/w/a/b', 'below'],
  ['*.ts', '/w/a.ts', 'itself'],
  ['src/**', '/w/srcs/a', ''],
  ['src/**', '/other/src/a', ''],
  ['/etc/**', '/etc/passwd', 'itself all below'],
  ['~/.ssh/**', '/home/me/.ssh/id', 'itself all below'],
  ['../lib/?.c', '/lib/a.c', 'itself'],
  ['./src/../lib', '/w/lib', 'itself'],
  ['caf\u00e9', '/w/cafe\u0301', 'itself'],
])('[A5] %s and %s: %j', (glob, path, told) => {
  expect(fits(glob, path)).toBe(told);
});

test('[A5] what a directory is called is meant literally', () => {
  expect(fitsPath(pathGlob('a', '/w*', '/h'), namesOf('/wx/a')).itself).toBe(false);
  expect(fitsPath(pathGlob('a', '/w*', '/h'), namesOf('/w*/a')).itself).toBe(true);
});

const name = fc.stringMatching(/^[ab*?.]{1,4}$/).filter((one) => one !== '.' && one !== '..');

/** The same, told by regular expressions. */
function reference(glob: string, path: string): boolean {
  const source = glob
    .split('/')
    .map((one) => {
      const chars = [...one].map((c) => (c === '*' ? '[^/]*' : c === '?' ? '[^/]' : c === '.' ? '\\.' : c));
      return one === '**' ? '(?:/[^/]+)*' : `/${chars.join('')}`;
    })
    .join('');
  return new RegExp(`^/w${source}$`).test(path);
}

test('[A5] paths fit as a plain translation to regular expressions says', () => {
  const glob = fc.array(fc.oneof(name, fc.constant('**')), { minLength: 1, maxLength: 5 });
  const path = fc.array(fc.stringMatching(/^[ab]{1,3}$/), { maxLength: 5 });
  fc.assert(
    fc.property(glob, path, (globs, names) => {
      const at = ['/w', ...names].join('/');
      const whole = pathGlob(globs.join('/'), '/w', '/h');
      expect(fitsPath(whole, namesOf(at)).itself).toBe(reference(globs.join('/'), at));
    }),
    { numRuns: 500 },
  );
});

test('[A5] text fits as a plain translation says, and no glob takes long', () => {
  const literal = (c: string) => (c === '*' ? '[^]*' : c === '?' ? '[^]' : c.replace(/\W/g, '\\$&'));
  fc.assert(
    fc.property(fc.stringMatching(/^[ab*? ;]{0,8}$/), fc.stringMatching(/^[ab ;\n]{0,10}$/), (glob, text) => {
      expect(fitsText(glob, text)).toBe(new RegExp(`^${[...glob].map(literal).join('')}$`).test(text));
    }),
    { numRuns: 500 },
  );
  expect(fitsText(`${'*a'.repeat(30)}b`, 'a'.repeat(2_000))).toBe(false);
});

test('two globs meet if a text fits both', () => {
  const meets: [string, string][] = [
    ...([
      ['a*', '*b'],
      ['r?', 'rm'],
      ['*', ''],
      ['git push*', 'git p?sh'],
      ['a*c', 'abc*'],
    ] as [string, string][]),
  ];
  for (const [a, b] of meets) expect([a, b, mayFitText(a, b), mayFitText(b, a)]).toEqual([a, b, true, true]);
  for (const [a, b] of [
    ['a*', 'b*'],
    ['?', ''],
    ['rm *', 'r?'],
    ['a?', 'a'],
  ] as const)
    expect([a, b, mayFitText(a, b), mayFitText(b, a)]).toEqual([a, b, false, false]);
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 6 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 });
  fc.assert(
    fc.property(glob, glob, text, (a, b, one) => {
      expect(mayFitText(a, one)).toBe(fitsText(a, one));
      if (fitsText(a, one) && fitsText(b, one)) expect(mayFitText(a, b)).toBe(true);
    }),
  );
});
