/** The language of the markers: what is printed is read back, and strange text is no step. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyStep } from './arbitrary.ts';
import { parseSteps, printSteps } from './marker.ts';

test('a marker is one step, whatever stands around it', () => {
  expect(parseSteps('please [[think hm]], then [[+write a.txt A A\\nB]] thanks')).toEqual([
    { step: 'think', text: 'hm' },
    { step: 'write', path: 'a.txt', content: 'A A\nB', together: true },
  ]);
});

test('what bash and Markdown write is no step', () => {
  expect(parseSteps('if [[ -f x ]]; then [[link]]; fi [[error 200]] [[sleep soon]] [[write]]')).toEqual([]);
});

test('steps are read back as they were printed', () => {
  const around = fc.string().map((text) => text.replaceAll('[', ''));
  fc.assert(
    fc.property(fc.array(anyStep), around, around, (steps, before, after) => {
      expect(parseSteps(`${before}${printSteps(steps)}${after}`)).toEqual(steps);
    }),
  );
});
