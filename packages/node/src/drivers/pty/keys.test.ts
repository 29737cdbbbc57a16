/** What is typed into a program, whatever a prompt holds. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keysOf, paste } from './keys.ts';
import { ptySettings } from './options.ts';

describe('keys', () => {
  test('[A4] no text ends its paste early, or is a key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (before, after) => {
        const typed = paste(`${before}\x1b[201~\r${after}\x03`);
        expect(typed.indexOf('\x1b', 1)).toBe(typed.length - '\x1b[201~'.length);
        expect(typed.slice(6, -6)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
      }),
    );
  });

  test('are known by their names, or not at all', () => {
    expect(keysOf('C-c Escape M-Enter x')).toBe('\x03\x1b\x1b\rx');
    for (const wrong of ['', 'Hello', 'C-', 'Enter  x']) expect(keysOf(wrong)).toBeUndefined();
    expect(() => ptySettings({ screen: { ready: '(' } })).toThrowError(
      expect.objectContaining({ code: 'bad_request' }),
    );
    expect(() => ptySettings({ submit: 'Return!' })).toThrowError(
      expect.objectContaining({ code: 'bad_request' }),
    );
  });
});
