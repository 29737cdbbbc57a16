/** Holds the specification to its word: every numbered rule is cited by the title of at least one test. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

function testFiles(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist') return [];
    const file = join(dir, entry.name);
    if (entry.isDirectory()) return testFiles(file);
    return entry.name.endsWith('.test.ts') ? [file] : [];
  });
}

test('every rule of docs/SPEC.md is cited by a test', () => {
  const spec = readFileSync(join(ROOT, 'docs/SPEC.md'), 'utf8');
  const rules = [...spec.matchAll(/^- \*\*([A-Z]\d+)/gm)].map((match) => match[1] as string);
  expect(rules.length).toBeGreaterThan(20);
  const titles = [...testFiles(join(ROOT, 'packages')), ...testFiles(join(ROOT, 'test'))]
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/(?:test|it|describe)[.\w]*\(\s*[`'"](.*)/g)])
    .map((match) => match[1] as string);
  const uncited = rules.filter((rule) => !titles.some((title) => title.includes(`[${rule}]`)));
  expect(uncited).toEqual([]);
});
