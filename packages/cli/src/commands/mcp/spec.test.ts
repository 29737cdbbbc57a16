/** The words by which Skein is added to an agent by hand (rule N1), wherever they are told. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mcp } from './spec.ts';

test('[N1] the help and docs/DIRECTING.md say the same', () => {
  const told = readFileSync(join(import.meta.dirname, '../../../../../docs/DIRECTING.md'), 'utf8').split(
    '\n',
  );
  const added = told.filter((line) => line.includes(' mcp add '));
  expect(added.length).toBeGreaterThan(0);
  expect(mcp.examples.map(([line]) => line)).toEqual(added);
});
