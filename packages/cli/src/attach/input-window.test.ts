/** The window of input (rule H3): numbered, kept until accepted, said again from what was not. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INPUT_WINDOW, InputWindow } from './input-window.ts';

describe('input window', () => {
  test('[H3] what is sent again covers exactly what was not accepted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 })),
        fc.nat(3000),
        (chunks, accepted) => {
          const window = new InputWindow();
          const all = Buffer.concat(chunks);
          for (const chunk of chunks) window.push(chunk);
          window.accepted(accepted);
          const again = window.unaccepted();
          const from = again[0]?.offset ?? all.length;
          // Whole pieces: the host leaves out what it has of the first.
          expect(from).toBeLessThanOrEqual(Math.min(accepted, all.length));
          expect(Buffer.concat(again.map((piece) => piece.bytes))).toEqual(all.subarray(from));
          for (const { offset, bytes } of again) expect(offset + bytes.length).toBeGreaterThan(accepted);
          expect(window.settled).toBe(accepted >= all.length);
        },
      ),
    );
  });

  test('is full at its limit, and has room again once some of it is accepted', () => {
    const window = new InputWindow();
    window.push(new Uint8Array(INPUT_WINDOW - 1));
    expect(window.full).toBe(false);
    window.push(new Uint8Array(1));
    expect(window.full).toBe(true);
    window.accepted(1);
    expect(window.full).toBe(false);
  });

  test('an acceptance that goes back, or past what was sent, changes nothing', () => {
    const window = new InputWindow();
    window.push(new Uint8Array(10));
    window.accepted(8);
    window.accepted(3);
    window.accepted(99);
    expect(window.push(new Uint8Array(1)).offset).toBe(10);
    expect(window.settled).toBe(false);
  });

  test('[H3] what is discarded is not sent again, and its numbers are for what is typed next', () => {
    const window = new InputWindow();
    window.push(new Uint8Array(10));
    window.push(new Uint8Array(10));
    window.accepted(12);
    window.discard();
    expect(window.settled).toBe(true);
    expect(window.unaccepted()).toEqual([]);
    expect(window.push(new Uint8Array(1)).offset).toBe(12);
  });
});
