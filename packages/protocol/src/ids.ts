/** Identifiers: 12 characters of lower-case base32, 60 random bits; short enough to type a prefix of. */

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** A new random identifier. */
export function newId(): string {
  const random = crypto.getRandomValues(new Uint8Array(12));
  let out = '';
  for (const byte of random) out += ALPHABET[byte & 31];
  return out;
}
