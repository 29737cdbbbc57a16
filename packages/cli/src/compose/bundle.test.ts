/** That what reads compose files is loaded by nobody else. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const DIST = join(import.meta.dirname, '../../dist');

test('[B2] the quick commands have nothing of compose, and nothing that reads YAML', () => {
  const { inputs } = JSON.parse(readFileSync(join(DIST, 'skein.meta.json'), 'utf8')) as {
    inputs: Record<string, unknown>;
  };
  expect(Object.keys(inputs).filter((file) => /node_modules\/yaml\/|cli\/src\/compose\//.test(file))).toEqual(
    [],
  );
  expect(statSync(join(DIST, 'compose.cjs')).size).toBeGreaterThan(100_000);
});
