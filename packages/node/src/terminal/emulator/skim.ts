/**
 * What of a flood a screen need not be shown: lines that would be past its history again before anybody could look (H5). Most of
 * what a long output costs is the emulator's parsing, and nearly all of that is of lines that nobody will ever see.
 */

const [TAB, LF, CR, ESC, DEL, C1] = [0x09, 0x0a, 0x0d, 0x1b, 0x7f, 0xc2];
const [BRACKET, M] = [0x5b, 0x6d];

export interface Skimmed {
  /** Bytes that may be left out. A line ends right after them. */
  length: number;
  /** What they set the pen to, as sequences. */
  colours: Uint8Array;
}

const NOTHING: Skimmed = { length: 0, colours: new Uint8Array(0) };

/** How much of the beginning of `bytes` is lines of text, coloured perhaps, that at least `lines` more such lines follow. */
export function skimmed(bytes: Uint8Array, lines: number): Skimmed {
  if (lineBefore(bytes, bytes.length, lines) <= 0) return NOTHING;
  const colours: [from: number, to: number][] = [];
  const length = lineBefore(bytes, plain(bytes, colours), lines);
  if (length <= 0) return NOTHING;
  const before = colours.filter(([from]) => from < length);
  const last = before.findLastIndex(([from]) => resets(bytes, from));
  const kept = before.slice(Math.max(last, 0)).map(([from, to]) => bytes.subarray(from, to));
  return { length, colours: Buffer.concat(kept) };
}

/** 1 for bytes at which to look closer: controls but tabs and ends of lines, and what C1 controls begin with in UTF-8. */
const CLOSER = Uint8Array.from({ length: 256 }, (_, byte) => {
  const harmless = byte === TAB || byte === LF || byte === CR;
  return (byte < 0x20 && !harmless) || byte === DEL || byte === C1 ? 1 : 0;
});

/** How many bytes from the first on are text, ends of lines, tabs and colours, which are noted. */
function plain(bytes: Uint8Array, colours: [number, number][]): number {
  const { length } = bytes;
  let at = 0;
  for (;;) {
    while (at < length && CLOSER[bytes[at] ?? 0] === 0) at++;
    if (at === length) return at;
    if (bytes[at] === C1 && (bytes[at + 1] ?? 0) >= 0xa0) {
      at += 2;
      continue;
    }
    const end = bytes[at] === ESC ? colourEnd(bytes, at) : undefined;
    if (end === undefined) return at;
    colours.push([at, end]);
    at = end;
  }
}

/** Just after the `CSI … m` that begins here, if one does. */
function colourEnd(bytes: Uint8Array, from: number): number | undefined {
  if (bytes[from + 1] !== BRACKET) return undefined;
  let at = from + 2;
  // Digits, colons and semicolons; what begins with `<`, `=`, `>` or `?` is something else.
  while (at < bytes.length && (bytes[at] ?? 0) >= 0x30 && (bytes[at] ?? 0) <= 0x3b) at++;
  return bytes[at] === M ? at + 1 : undefined;
}

/** `CSI m`, `CSI 0 m` and what begins like that: the pen before it does not matter any more. */
function resets(bytes: Uint8Array, from: number): boolean {
  let at = from + 2;
  while (bytes[at] === 0x30) at++;
  return bytes[at] === M || bytes[at] === 0x3b;
}

/** Where the CR and LF stand after which at least `lines` more lines end before `end`; not above 0 if there are none. */
function lineBefore(bytes: Uint8Array, end: number, lines: number): number {
  let at = end;
  for (let n = 0; n < lines && at > 0; n++) at = bytes.lastIndexOf(LF, at - 1);
  while (at > 0) {
    at = bytes.lastIndexOf(LF, at - 1);
    if (bytes[at - 1] === CR) return at - 1;
  }
  return 0;
}
