/** Identifiers: 12 characters of lower-case base32, 60 random bits; short enough to type a prefix of. */
import { BASE32 } from './text/base32.ts';

/** Characters, and bytes that one is made of. */
const LENGTH = 12;

/** A new random identifier. */
export function newId(): string {
  return idOf(crypto.getRandomValues(new Uint8Array(LENGTH)));
}

/** The identifier that bytes give, such as those of a hash. */
export function idOf(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, LENGTH), (byte) => BASE32[byte & 31]).join('');
}
