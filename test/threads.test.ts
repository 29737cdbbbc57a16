/** What the tests' own threads are: bundles, as in the product, since types stripped in a thread can end its process. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workerPath } from '@skein/node/kernel/worker/worker-path';
import { expect, test } from 'vitest';

const SOURCES = join(dirname(import.meta.dirname), 'packages');

test('a thread of the tests has a bundle of the sources, no matter which of them starts it', () => {
  const file = fileURLToPath(workerPath());
  expect(file).toMatch(/\.cjs$/);
  expect(existsSync(file)).toBe(true);
  const starting = sources().filter((source) => /new URL\([^)]*\.ts'/.test(readFileSync(source, 'utf8')));
  expect(starting.length).toBeGreaterThan(0);
  for (const source of starting)
    expect(readFileSync(source, 'utf8'), source).toMatch(
      /new URL\('\.\/[a-z-]+-worker\.ts', import\.meta\.url\)/,
    );
});

function sources(): string[] {
  return readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^[a-z]+\/src\/.*(?<!\.test)\.ts$/.test(name))
    .map((name) => join(SOURCES, name));
}
