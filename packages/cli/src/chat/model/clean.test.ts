/** Text of others in one line, however long its blanks are. */
import { expect, test } from 'vitest';
import { cleanLine } from './clean.ts';

test('[U1] ends of lines become one blank each run, and other blanks stay', () => {
  expect(cleanLine('a  b \n\n  c\n')).toBe('a  b c ');
  expect(cleanLine('\n x')).toBe(' x');
});

test('[U1] a run of blanks takes about as long as one of letters', () => {
  const time = (text: string) => {
    const begun = performance.now();
    cleanLine(text);
    return performance.now() - begun;
  };
  const sizes = [4096, 16_384, 65_536];
  const letters = sizes.map((size) => time('a'.repeat(size)));
  for (const [i, size] of sizes.entries())
    expect(time(`${' '.repeat(size)}a`)).toBeLessThan(50 + 8 * (letters[i] ?? 0));
});
