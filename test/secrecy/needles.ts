/** What to look for when a secret must be nowhere: its bytes as they are, and in every form in which programs write bytes. */

export interface Needle {
  /** What it is of, and in which form. */
  name: string;
  bytes: Buffer;
}

/** Bytes around a secret that begin or end within the same three become part of base64's first and last characters. */
const BASE64_GROUP = 3;
/** A shorter needle is found in any heap by chance. */
const SHORTEST = 8;

/** The forms of some bytes: raw, hex, base64 in its three alignments and two alphabets, each of these and of text itself in UTF-16. */
export function needlesOf(name: string, secret: Uint8Array, text = false): Needle[] {
  const bytes = Buffer.from(secret);
  const forms: [string, Buffer][] = [
    ['raw', bytes],
    ['hex', Buffer.from(bytes.toString('hex'))],
    ['HEX', Buffer.from(bytes.toString('hex').toUpperCase())],
    ...(['base64', 'base64url'] as const).flatMap((alphabet) =>
      [0, 1, 2].map((shift): [string, Buffer] => [`${alphabet} +${shift}`, aligned(bytes, alphabet, shift)]),
    ),
  ];
  const written = new Map(forms.map(([form, found]) => [found.toString('latin1'), form]));
  // Whatever is text may stand in memory with two bytes a character, as it is or written in one of these forms.
  const wide = [...written]
    .filter(([, form]) => form !== 'raw' || text)
    .map(([chars, form]): [string, Buffer] => [`${form}, UTF-16LE`, Buffer.from(chars, 'utf16le')]);
  const network: [string, Buffer][] = text
    ? [['raw, UTF-16BE', Buffer.from(bytes.toString('latin1'), 'utf16le').swap16()]]
    : [];
  const plain = [...written].map(([chars, form]): [string, Buffer] => [form, Buffer.from(chars, 'latin1')]);
  return [...plain, ...wide, ...network]
    .filter(([, found]) => found.length >= SHORTEST)
    .map(([form, found]) => ({ name: `${name} (${form})`, bytes: found }));
}

/** What stays the same of base64 wherever the bytes stand in something longer, `shift` bytes behind a multiple of three. */
function aligned(bytes: Buffer, alphabet: 'base64' | 'base64url', shift: number): Buffer {
  const skip = (BASE64_GROUP - shift) % BASE64_GROUP;
  const whole = bytes.subarray(skip);
  return Buffer.from(whole.subarray(0, whole.length - (whole.length % BASE64_GROUP)).toString(alphabet));
}

/** The needles that are somewhere in these bytes. */
export function findIn(haystack: Buffer, needles: readonly Needle[]): Needle[] {
  return needles.filter(({ bytes }) => haystack.includes(bytes));
}

/** Bytes of a WebSocket's mask. */
const MASK = 4;

/**
 * The same search in what WebSocket clients sent: each message is XORed with a mask of four bytes that repeats, and so the
 * XOR of two bytes that are four apart is what it was before.
 */
export function findMasked(haystack: Buffer, needles: readonly Needle[]): Needle[] {
  const apart = (bytes: Buffer) => {
    const out = Buffer.allocUnsafe(Math.max(0, bytes.length - MASK));
    for (let i = 0; i < out.length; i++) out[i] = (bytes[i] as number) ^ (bytes[i + MASK] as number);
    return out;
  };
  const masked = apart(haystack);
  // What repeats itself is nearly nothing then.
  return needles.filter(({ bytes }) => bytes.length >= 2 * SHORTEST && masked.includes(apart(bytes)));
}
