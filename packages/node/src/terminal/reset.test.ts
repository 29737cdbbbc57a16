/** What is given back when a client leaves its terminal (rule H5). */
import { expect, test } from 'vitest';
import { ENTER, LEAVE } from './reset.ts';

test('[H5] modes that are usually off are off again, those of the user as they were found', () => {
  for (const mode of [69, 1003, 2004, 9001]) expect(LEAVE).toContain(`\x1b[?${mode}l`);
  for (const mode of [1007, 2027]) {
    expect(ENTER).toContain(`\x1b[?${mode}s`);
    expect(LEAVE).toContain(`\x1b[?${mode}r`);
  }
});
