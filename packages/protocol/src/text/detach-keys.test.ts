/** The detach keys: every byte reaches the program but those that leave. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_DETACH, DetachKeys, parseDetach } from './detach-keys.ts';

const keys = () => new DetachKeys(parseDetach(DEFAULT_DETACH));

/** What a list of chunks becomes. */
function typed(machine: DetachKeys, chunks: readonly (string | Uint8Array)[]) {
  let passed = '';
  for (const chunk of chunks) {
    const { pass, detach } = machine.push(Buffer.from(chunk as string, 'latin1'));
    passed += Buffer.from(pass).toString('latin1');
    if (detach) return { passed, detached: true };
  }
  return { passed, detached: false };
}

describe('detach keys', () => {
  test('leave, in one chunk or two, with what came before them', () => {
    expect(typed(keys(), ['ls\x1cdrest'])).toEqual({ passed: 'ls', detached: true });
    expect(typed(keys(), ['ls\x1c', 'd'])).toEqual({ passed: 'ls', detached: true });
  });

  test('the first of them waits for the next key, then both are sent', () => {
    const machine = keys();
    expect(typed(machine, ['\x1c'])).toEqual({ passed: '', detached: false });
    expect(typed(machine, ['x'])).toEqual({ passed: '\x1cx', detached: false });
  });

  test('the first of them pressed twice is sent once', () => {
    expect(typed(keys(), ['\x1c\x1c'])).toEqual({ passed: '\x1c', detached: false });
    expect(typed(keys(), ['\x1c', '\x1c', 'd'])).toEqual({ passed: '\x1cd', detached: false });
  });

  test('are known as terminals spell them out (kitty, modifyOtherKeys), with locks on and keys let go', () => {
    expect(typed(keys(), ['a\x1b[92;5ud'])).toEqual({ passed: 'a', detached: true });
    expect(typed(keys(), ['\x1b[92;5u', '\x1b[92;5:3u', '\x1b[100;1u'])).toEqual({
      passed: '',
      detached: true,
    });
    expect(typed(keys(), ['\x1b[57442;5u\x1b[92;69u\x1b[57442;1:3ud'])).toEqual({
      passed: '\x1b[57442;5u',
      detached: true,
    });
    expect(typed(keys(), ['\x1b[27;5;92~', 'd'])).toEqual({ passed: '', detached: true });
    expect(typed(keys(), ['\x1b[92;5u\x1b[92;5u'])).toEqual({ passed: '\x1b[92;5u', detached: false });
    expect(typed(keys(), ['\x1b[92;5ux'])).toEqual({ passed: '\x1b[92;5ux', detached: false });
  });

  test("[H8] what is pasted leaves nothing, however it is cut: what follows would be the shell's to run", () => {
    const paste = '\x1b[200~a\x1cd\x1c\x1c\x1b[92;5ud\x1b[20\x1b[201~';
    for (const chunks of [[paste], [...paste], [paste.slice(0, 4), paste.slice(4)], [paste, paste]])
      expect(typed(keys(), chunks)).toEqual({ passed: chunks.join(''), detached: false });
    expect(typed(keys(), [`${paste}b\x1cd`])).toEqual({ passed: `${paste}b`, detached: true });
    expect(typed(keys(), [`\x1c${paste}`, '\x1c', 'd'])).toEqual({ passed: `\x1c${paste}`, detached: true });
    const single = new DetachKeys(parseDetach('C-q'));
    expect(typed(single, ['\x1b[200~\x11\x1b[201~', 'x\x11'])).toEqual({
      passed: '\x1b[200~\x11\x1b[201~x',
      detached: true,
    });
  });

  test('an escape key alone passes at once', () => {
    expect(typed(keys(), ['\x1b'])).toEqual({ passed: '\x1b', detached: false });
  });

  test('every byte passes unchanged and in order, however it is cut, unless the keys are in it', () => {
    const byte = fc.oneof(fc.constantFrom(0x1c, 0x64, 0x1b, 0x5b), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), (bytes) => {
        // Keys spelled out are held to their own test: here a chunk is a byte.
        const result = typed(
          keys(),
          bytes.map((b) => Uint8Array.of(b)),
        );
        expect(result).toEqual(reference(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test('cut anywhere, plain bytes come to the same', () => {
    const plain = fc.oneof(fc.constantFrom(0x1c, 0x64), fc.integer({ min: 0x20, max: 0xff }));
    fc.assert(
      fc.property(fc.array(fc.array(plain, { maxLength: 8 }), { maxLength: 8 }), (chunks) => {
        const result = typed(
          keys(),
          chunks.map((chunk) => Uint8Array.from(chunk)),
        );
        expect(result).toEqual(reference(chunks.flat()));
      }),
      { numRuns: 2000 },
    );
  });

  test('[H8] who hands over in the middle of a paste hears of its end nowhere, and looks out for the keys again all the same', () => {
    for (const begun of ['\x1b[200~rm -r', '\x1b[200']) {
      const mine = keys();
      mine.push(Buffer.from(begun));
      mine.release();
      expect(typed(mine, ['~ab\x1cd'])).toEqual({ passed: '~ab', detached: true });
    }
  });

  test('may be one key, or others; what cannot be one is refused', () => {
    expect(typed(new DetachKeys(parseDetach('C-q')), ['ab\x11c'])).toEqual({ passed: 'ab', detached: true });
    expect(typed(new DetachKeys(parseDetach('C-a C-d')), ['\x01', '\x04'])).toEqual({
      passed: '',
      detached: true,
    });
    for (const wrong of ['', 'C-a b c', 'F5', 'C-a Up', 'é', 'Nonsense']) {
      expect(() => parseDetach(wrong), wrong).toThrowError(expect.objectContaining({ code: 'bad_request' }));
    }
  });
});

/** The same, told the slow way: one byte after the other. */
function reference(bytes: readonly number[]) {
  let passed = '';
  let held = false;
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    if (!held && byte === 0x1c) held = true;
    else if (!held) passed += char;
    else if (byte === 0x64) return { passed, detached: true };
    else {
      passed += byte === 0x1c ? '\x1c' : `\x1c${char}`;
      held = false;
    }
  }
  return { passed, detached: false };
}
