/** Variables in texts of compose files (rule B2). */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearest } from './problems.ts';
import { substitute } from './substitute.ts';

const ENV = { A: 'one', B: '', PATHS: '/x:/y' };
const text = (given: string) => substitute(given, ENV).text;
const problems = (given: string) =>
  substitute(given, ENV).problems.map(({ at, message }) => `${at}: ${message}`);

describe('[B2] variables', () => {
  test('are put in by name, or what is said instead', () => {
    expect(text(`a \${A} \${A}b`)).toBe('a one oneb');
    expect(text(`\${C:-other} \${B:-empty} \${A:-x} \${C:-}`)).toBe('other empty one ');
    expect(text(`\${B}|\${PATHS}`)).toBe('|/x:/y');
  });

  test('are texts as they stand without braces, or behind two dollars', () => {
    expect(text('$A $$ 5$ $(date) $')).toBe('$A $$ 5$ $(date) $');
    expect(text(`$\${A} $$\${A}`)).toBe(`\${A} $\${A}`);
  });

  test('are told where they are not set, not closed, or something else', () => {
    expect(problems(`ab \${C}`)[0]).toMatch(/^3: \$\{C\}: C is not set/);
    expect(problems(`\${A`)).toEqual([`0: \${A: its } is missing`]);
    expect(problems(`\${A:?x} \${1} \${}`)).toHaveLength(3);
    expect(problems(`\${C:-\${A}}`)).toEqual([
      expect.stringContaining('what is said instead of C can hold no variable'),
    ]);
    expect(problems(`\${A:-x\${C}y}`)).toHaveLength(1);
    // What every object has is no variable.
    expect(problems(`\${constructor} \${__proto__}`)).toHaveLength(2);
  });

  test('leave every other text as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (given) => {
        fc.pre(!given.includes(`\${`));
        expect(substitute(given, ENV)).toEqual({ text: given, changed: false, problems: [] });
      }),
    );
  });
});

test('[B2] the name that was meant is one slip away, or none is', () => {
  const names = ['sessions', 'workspaces', 'name', 'on'];
  expect(
    ['sesions', 'session', 'workspace', 'nmae', 'Name', 'no'].map((word) => nearest(word, names)),
  ).toEqual([...['sessions', 'sessions', 'workspaces', 'name', 'name', 'on']]);
  expect(['services', 'x', 'volumes', ''].map((word) => nearest(word, names))).toEqual(
    Array(4).fill(undefined),
  );
});
