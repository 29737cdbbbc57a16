/** Help in terminals of every width. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../commands/all.ts';
import { afterHelp, examples, fit } from './help-text.ts';

const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');

describe('help', () => {
  test('stands as it is written where the terminal is wide', () => {
    for (const spec of COMMANDS) {
      const text = afterHelp(spec, 120);
      expect(text).toContain(spec.json);
      if (spec.details !== undefined) expect(text).toContain(spec.details);
    }
  });

  test('is broken between words where it is narrow, and loses none', () => {
    fc.assert(
      fc.property(fc.constantFrom(...COMMANDS), fc.integer({ min: 20, max: 119 }), (spec, width) => {
        const text = afterHelp(spec, width);
        expect(words(text)).toEqual(words(afterHelp(spec, 1_000)));
        // Examples are to be copied: they are never broken, nor are single words.
        const copied = new Set(spec.examples.map(([line]) => `  ${line}`));
        for (const line of text.split('\n'))
          if (!copied.has(line) && words(line).length > 2)
            expect(line.length, line).toBeLessThanOrEqual(width);
      }),
    );
  });

  test('keeps the rows of a list apart, and puts what is too long for a row below', () => {
    expect(fit('one   and what it is\ntwo   the other', 16)).toBe(
      'one   and what\n      it is\ntwo   the other',
    );
    expect(fit('a paragraph that\nis', 15)).toBe('a paragraph\nthat is');
    expect(examples([['skein share api', 'makes a ticket']], 20)).toBe(
      '  skein share api\n      makes a ticket',
    );
  });
});
