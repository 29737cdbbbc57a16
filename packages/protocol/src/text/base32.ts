/** Base32 in lower case, without padding (RFC 4648): no 0, 1, 8 or 9, so that no sign looks like another. */

export const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(held >>> (bits - 5)) & 31];
    held &= 0xff;
  }
  return bits > 0 ? text + BASE32[(held << (5 - bits)) & 31] : text;
}

/** The bytes, and the bits left over at the end, which an encoder leaves 0; undefined where a sign is none of the alphabet. */
export function decodeBase32(text: string): { bytes: Uint8Array; rest: number } | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const sign of text) {
    const value = BASE32.indexOf(sign);
    if (value < 0) return undefined;
    held = ((held & 0xff) << 5) | value;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (held >>> bits) & 0xff;
  }
  return { bytes, rest: held & ((1 << bits) - 1) };
}
