/**
 * Keys as terminals spell them out when a program asked for it: `CSI code ; modifiers u` (the kitty protocol) and
 * `CSI 27 ; modifiers ; code ~` (xterm's modifyOtherKeys). Without this nobody could detach from an editor that does.
 */

interface EncodedKey {
  length: number;
  code: number;
  /** Control is held, and no other modifier. */
  ctrl: boolean;
  /** No modifier is held. */
  plain: boolean;
  /** This tells that the key was let go. */
  released: boolean;
  /** It is a modifier key by itself. */
  modifier: boolean;
}

const KITTY = /^\x1b\[(\d{1,7})(?::\d*){0,2}(?:;(\d{0,3})(?::(\d))?(?:;[\d:]*)?)?u/;
const XTERM = /^\x1b\[27;(\d{1,3});(\d{1,7})~/;
/** Characters that the longest of them may have. */
const LONGEST = 64;
const CTRL = 4;
/** Caps lock and num lock say nothing about what is held. */
const LOCKS = 64 | 128;
/** Shift, control and the others, left and right, in the kitty protocol. */
const MODIFIER_KEYS = { from: 57441, to: 57454 };

/** The key that is spelled out at this place, if one is, whole. A key cut in two is not waited for. */
export function encodedKey(chunk: Uint8Array, at: number): EncodedKey | undefined {
  const text = String.fromCharCode(...chunk.subarray(at, at + LONGEST));
  const kitty = KITTY.exec(text);
  if (kitty !== null) return found(kitty[0].length, kitty[1], kitty[2] || '1', kitty[3] === '3');
  const xterm = XTERM.exec(text);
  return xterm === null ? undefined : found(xterm[0].length, xterm[2], xterm[1], false);
}

function found(
  length: number,
  code: string | undefined,
  modifiers: string | undefined,
  released: boolean,
): EncodedKey {
  const held = (Number(modifiers) - 1) & ~LOCKS;
  const number = Number(code);
  const modifier = number >= MODIFIER_KEYS.from && number <= MODIFIER_KEYS.to;
  return { length, code: number, ctrl: held === CTRL, plain: held === 0, released, modifier };
}
