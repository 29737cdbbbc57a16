/** What is typed from a directory in a workspace. */
import { expect, test } from 'vitest';
import { fromHere } from './globs.ts';

test.each([
  ['src/x', '/w', 'src/x'],
  ['src/x', '/w/deep', 'src/x'],
  ['./x', '/w', 'x'],
  ['./x', '/w/a*b', 'a\\*b/x'],
  ['../x/*.ts', '/w/deep', 'x/*.ts'],
  ['.', '/w', '**'],
  ['.', '/w/deep', 'deep/**'],
  ['..', '/w/deep/er', 'deep/**'],
  ['./', '/w/deep', 'deep/'],
  ['/w/src/**', '/elsewhere', 'src/**'],
  ['/w', '/', '**'],
])('%s typed in %s is %s', (glob, cwd, real) => expect(fromHere(glob, '/w', cwd)).toBe(real));

test.each([
  ['../x', '/w'],
  ['./x', '/elsewhere'],
  ['/wx/y', '/w'],
  ['/w/../etc', '/w'],
])('%s typed in %s is outside', (glob, cwd) => {
  expect(() => fromHere(glob, '/w', cwd)).toThrow('does not lie in this workspace');
});
