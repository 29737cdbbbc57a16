/** base58btc, in which PeerIds are written: no look-alikes, and a leading zero byte is a leading `1`. */

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const VALUES = new Map([...ALPHABET].map((char, value) => [char, BigInt(value)]));

/** Takes time in the square of the length: for keys, not for bulk. */
export function encodeBase58(bytes: Uint8Array): string {
  let number = 0n;
  for (const byte of bytes) number = number * 256n + BigInt(byte);
  let out = '';
  for (; number > 0n; number /= 58n) out = ALPHABET.charAt(Number(number % 58n)) + out;
  return '1'.repeat(leading(bytes, (byte) => byte === 0)) + out;
}

/** Undefined when a character is not of the alphabet. The caller limits the length. */
export function decodeBase58(text: string): Uint8Array | undefined {
  let number = 0n;
  for (const char of text) {
    const value = VALUES.get(char);
    if (value === undefined) return undefined;
    number = number * 58n + value;
  }
  const bytes: number[] = [];
  for (; number > 0n; number /= 256n) bytes.push(Number(number % 256n));
  const zeros = leading([...text], (char) => char === '1');
  return Uint8Array.from([...new Uint8Array(zeros), ...bytes.reverse()]);
}

function leading<T>(items: Iterable<T>, same: (item: T) => boolean): number {
  let count = 0;
  for (const item of items) {
    if (!same(item)) break;
    count++;
  }
  return count;
}
