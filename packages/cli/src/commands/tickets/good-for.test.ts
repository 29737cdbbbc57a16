/** What is left of a ticket does not depend on who looks. */
import { expect, test } from 'vitest';
import { goodFor } from './good-for.ts';

test('[M3] a ticket is good for as long as its node says, by whatever clock somebody looks; else as this clock says', () => {
  expect(goodFor({ expires: 7_200_000, expiresIn: 1_000 }, 0)).toBe(1_000);
  expect(goodFor({ expires: 7_200_000 }, 200_000)).toBe(7_000_000);
});
