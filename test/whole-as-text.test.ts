/** The whole program is found again in the bundle, whatever letters its packed text begins and ends with. */
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { commentOf, FOUND } from '../scripts/build/whole-as-text.ts';

test('the packed text is found, also when it begins or ends with a stroke', () => {
  for (const packed of ['ab/+', '/abc', 'abc/', '////', 'ab==']) {
    const self = `/* before */ code();\n${commentOf(packed)}`;
    expect(runInNewContext(FOUND, { self }).trim()).toBe(packed);
    expect(runInNewContext(`${commentOf(packed)} 7`)).toBe(7);
  }
});
