/** Names of keys and what a terminal sends for them. */
import { expect, test } from 'vitest';
import { keyBytes, keysBytes } from './keys.ts';

test('keys are sent as a terminal sends them', () => {
  const wanted: Record<string, string> = {
    a: 'a',
    é: 'é',
    'C-c': '\x03',
    'C-C': '\x03',
    '^C': '\x03',
    'C-\\': '\x1c',
    'C-Space': '\0',
    'C-?': '\x7f',
    'M-x': '\x1bx',
    'C-M-a': '\x1b\x01',
    Up: '\x1b[A',
    up: '\x1b[A',
    'C-Left': '\x1b[1;5D',
    'M-S-F1': '\x1b[1;4P',
    F1: '\x1bOP',
    F12: '\x1b[24~',
    PageDown: '\x1b[6~',
    'S-Delete': '\x1b[3;2~',
    Enter: '\r',
    Tab: '\t',
    'S-Tab': '\x1b[Z',
    Escape: '\x1b',
    BSpace: '\x7f',
    Comma: ',',
    '-': '-',
  };
  for (const [name, bytes] of Object.entries(wanted)) expect(keyBytes(name), name).toBe(bytes);
  expect(keysBytes('C-c,Up, Enter')).toBe('\x03\x1b[A\r');
});

test('[H3] cursor keys without modifiers have another form for a program that asks for it', () => {
  expect(keysBytes('Up,home,C-Left,F1,PageUp,a', true)).toBe('\x1bOA\x1bOH\x1b[1;5D\x1bOP\x1b[5~a');
});

test('what is no key is refused with a sentence that names some', () => {
  for (const wrong of ['', 'Nope', 'C-é', 'C-1', 'S-a', 'F13', 'C-'])
    expect(() => keyBytes(wrong), wrong).toThrowError(expect.objectContaining({ code: 'bad_request' }));
});

test.each(['constructor', '__proto__', 'C-constructor', 'M-__proto__'])('%s is no key', (name) => {
  expect(() => keyBytes(name)).toThrow(`There is no key "${name}".`);
});
