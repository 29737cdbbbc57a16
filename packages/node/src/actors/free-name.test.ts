/** Names that are given to what has a taken one. */
import { expect, test } from 'vitest';
import { freeName } from './free-name.ts';

test('[M4] a name that is too long is cut between letters, never within one', () => {
  const long = `a${'𠀀'.repeat(30)}`;
  expect(freeName(long, 'node', new Set())).toBe(`a${'𠀀'.repeat(24)}`);
});
