/** Unified differences: applied to the first text as `patch` would, they give the second. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { unified } from './unified.ts';

/** Applies hunks by their numbers alone, holding what is left and taken against the text. */
function patched(before: string, diff: string): string {
  const old = before.split(/(?<=\n)/).filter((line) => line !== '');
  const out: string[] = [];
  let at = 0;
  const lines = diff.split('\n').slice(0, -1);
  for (const [i, line] of lines.entries()) {
    const ended = lines[i + 1]?.startsWith('\\') ? line.slice(1) : `${line.slice(1)}\n`;
    const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$/.exec(line);
    if (head !== null) {
      const start = Number(head[1]) - (head[2] === '0' ? 0 : 1);
      out.push(...old.slice(at, start));
      at = start;
      expect(out.length).toBe(Number(head[3]) - (head[4] === '0' ? 0 : 1));
    } else if (line.startsWith('+')) out.push(ended);
    else if (!line.startsWith('\\')) {
      expect(old[at]).toBe(ended);
      if (line.startsWith(' ')) out.push(ended);
      at += 1;
    }
  }
  return [...out, ...old.slice(at)].join('');
}

test('a difference applied gives the second text', () => {
  const line = fc.constantFrom('a\n', 'b\n', 'c\n', '-x\n', '\\ y\n', '\n');
  const text = fc
    .tuple(fc.array(line, { maxLength: 40 }), fc.constantFrom('', 'end'))
    .map(([lines, end]) => lines.join('') + end);
  const same = fc.array(fc.constantFrom('s\n', 't\n'), { minLength: 8, maxLength: 12 });
  fc.assert(
    fc.property(text, text, same, (a, b, between) => {
      const [before, after] = [a, b].map((one) => `${one}\n${between.join('')}${one}`) as [string, string];
      expect(patched(before, unified(before, after))).toBe(after);
      expect(patched(a, unified(a, b))).toBe(b);
    }),
    { numRuns: 500 },
  );
});

test('it is written as others write it', () => {
  expect(unified('a\nb\nc\n', 'a\nx\nc\n')).toBe('@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n');
  expect(unified('', 'a')).toBe('@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n');
  expect(unified('a\n', 'a\n')).toBe('');
});
