/** What a node answers about who is attached may be anything. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attachedIn } from './there.ts';

const SOUND = { who: { kind: 'member', name: 'alice' }, deviceName: 'laptop', count: 1, typing: true };

test('[K5] whatever a node answers to `session`, or if nothing, those who are there are told as far as they are', () => {
  expect(attachedIn(undefined)).toEqual([]);
  expect(attachedIn(null)).toEqual([]);
  expect(attachedIn({ attached: [null, 1, { count: 1 }, { who: null, count: 1 }, SOUND] })).toEqual([SOUND]);
  fc.assert(
    fc.property(fc.anything(), (answer) => {
      expect(Array.isArray(attachedIn(answer))).toBe(true);
      expect(Array.isArray(attachedIn({ attached: answer }))).toBe(true);
    }),
  );
});
