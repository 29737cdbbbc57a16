/** UTF-8 as xterm.js decodes it: what is not valid is dropped byte by byte. */

let lastCode = -1;

/** The code point of the last `decode`, or -1 when that byte is to be dropped. */
export function decoded(): number {
  return lastCode;
}

/** U+0080–U+009F, which act as C1 controls. */
export function isC1(code: number): boolean {
  return code >= 0x80 && code < 0xa0;
}

/** How many bytes a character has that begins with this byte; 1 for ASCII and for bytes that begin none. */
function lengthFrom(lead: number): number {
  if ((lead & 0xe0) === 0xc0) return 2;
  if ((lead & 0xf0) === 0xe0) return 3;
  if ((lead & 0xf8) === 0xf0) return 4;
  return 1;
}

/** Decodes at `at` (a byte from 0x80 up) and returns how many bytes that took, or 0 when the character is cut off. */
export function decode(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  const length = lengthFrom(lead);
  lastCode = -1;
  if (length === 1) return 1;
  let code = lead & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return 0;
    if ((byte & 0xc0) !== 0x80) return 1;
    code = (code << 6) | (byte & 0x3f);
  }
  if (!isScalar(code, length)) return 1;
  lastCode = code;
  return length;
}

function isScalar(code: number, length: number): boolean {
  if (length === 2) return code >= 0x80;
  if (length === 3) return code >= 0x800 && (code < 0xd800 || code > 0xdfff) && code !== 0xfeff;
  return code >= 0x10000 && code <= 0x10ffff;
}

/** How many of the last bytes begin a character that is not complete yet: 0 to 3. */
export function partialTail(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) !== 0x80) return lengthFrom(byte) > back ? back : 0;
  }
  return 0;
}
