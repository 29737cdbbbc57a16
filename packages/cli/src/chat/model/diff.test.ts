/** Differences of files as they are shown. */
import { expect, test } from 'vitest';
import { diffOf } from './diff.ts';

test('it tells where it is', () => {
  const before = Array.from({ length: 40 }, (_, i) => `line ${i}`).join('\n');
  const diff = diffOf({ path: 'p', before, after: before.replace('line 20', 'other') });
  expect(diff).toMatchObject({ added: 1, removed: 1 });
  expect(diff.lines[0]).toEqual({ op: '@', text: '@@ line 18 @@' });
  expect(diff.lines).toHaveLength(9);
  const added = diffOf({ path: 'p', before: null, after: 'a\nb\n' });
  expect(added).toMatchObject({ added: 2, removed: 0 });
});

test('a patch keeps its marks, and lines that look like them', () => {
  const patch = 'diff --git a/p b/p\n--- a/p\n+++ b/p\n@@ -1,2 +1,2 @@\n same\n--- gone\n+++ come\n';
  expect(
    diffOf({ path: 'p', patch })
      .lines.map(({ op }) => op)
      .join(''),
  ).toBe('@ -+');
});
