/** The ciphers under Noise (rule M1): the same bytes as another implementation's, and what is through is given back, nothing else. */
import { pureJsCrypto } from '@libp2p/noise';
import fc from 'fast-check';
import { Uint8ArrayList } from 'uint8arraylist';
import { expect, test } from 'vitest';
import { noiseCrypto } from './noise-crypto.ts';

const KEY = new Uint8Array(32).fill(7);
const NONCE = new Uint8Array(12).fill(3);
const TRANSPORT = new Uint8Array(0);
const TAG = 16;
/** Bytes of a message that is long, and of a buffer that is worth giving back. */
const LONG = 20_000;

/** Longer than what WebAssembly does, and shorter; whatever ends near a limit of either. */
const message = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.integer({ min: 600, max: 800 }).map(pattern),
  fc.integer({ min: 0, max: 65_519 }).map(pattern),
);
/** Where it is cut into pieces, as shares of its length. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 });

test('[M1] what it encrypts another implementation decrypts, and the other way round, however the bytes are cut', () => {
  fc.assert(
    fc.property(message, cuts, fc.constantFrom(TRANSPORT, Uint8Array.of(1, 2, 3)), (text, at, ad) => {
      const sealed = noiseCrypto.chaCha20Poly1305Encrypt(list(text, at), NONCE, ad, KEY);
      expect(same(pureJsCrypto.chaCha20Poly1305Decrypt(whole(sealed), NONCE, ad, KEY), text)).toBe(true);
      const other = whole(pureJsCrypto.chaCha20Poly1305Encrypt(text.slice(), NONCE, ad, KEY));
      const received = list(other, at);
      const room = received.subarray(0, -TAG);
      const opened = noiseCrypto.chaCha20Poly1305Decrypt(received, NONCE, ad, KEY, room);
      expect(same(opened, text)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('[M1] a changed bit is refused, in a message of any length', () => {
  fc.assert(
    fc.property(message, fc.nat(), fc.integer({ min: 0, max: 7 }), (text, place, bit) => {
      const sealed = whole(noiseCrypto.chaCha20Poly1305Encrypt(text.slice(), NONCE, TRANSPORT, KEY));
      const at = place % sealed.length;
      sealed[at] = (sealed[at] as number) ^ (1 << bit);
      expect(() => noiseCrypto.chaCha20Poly1305Decrypt(sealed, NONCE, TRANSPORT, KEY)).toThrow();
    }),
    { numRuns: 100 },
  );
});

test('a buffer is given back with its last byte, and what was read from it before is left alone', () => {
  const short = seal(pattern(40));
  const long = seal(pattern(LONG));
  const received = Buffer.allocUnsafeSlow(short.length + long.length);
  received.set(short);
  received.set(long, short.length);
  const view = received.subarray(0, short.length);
  // As Noise offers it: a place within what was received.
  const first = noiseCrypto.chaCha20Poly1305Decrypt(view, NONCE, TRANSPORT, KEY, view.subarray(0, -TAG));
  expect(received.buffer.byteLength).toBe(short.length + long.length);
  const second = noiseCrypto.chaCha20Poly1305Decrypt(
    received.subarray(short.length),
    NONCE,
    TRANSPORT,
    KEY,
    received.subarray(short.length, -TAG),
  );
  expect(received.buffer.byteLength).toBe(0);
  expect([same(first, pattern(40)), same(second, pattern(LONG))]).toEqual([true, true]);
});

test('a room that lies in what was received is left alone, even where it is all of a buffer', () => {
  const sealed = seal(pattern(LONG));
  const received = new Uint8ArrayList(sealed.slice(0, -TAG), sealed.slice(-TAG));
  const room = received.subarray(0, -TAG);
  const text = noiseCrypto.chaCha20Poly1305Decrypt(received, NONCE, TRANSPORT, KEY, room);
  expect(same(text, pattern(LONG))).toBe(true);
});

test('a buffer is kept while bytes behind are still to be read', () => {
  const [a, b] = [seal(pattern(LONG)), seal(pattern(LONG))];
  const received = Buffer.allocUnsafeSlow(a.length + b.length);
  received.set(a);
  received.set(b, a.length);
  noiseCrypto.chaCha20Poly1305Decrypt(received.subarray(0, a.length), NONCE, TRANSPORT, KEY);
  const rest = noiseCrypto.chaCha20Poly1305Decrypt(received.subarray(a.length), NONCE, TRANSPORT, KEY);
  expect(same(rest, pattern(LONG))).toBe(true);
});

test('what is sent is left alone, and so is all of a handshake', () => {
  const text = Buffer.allocUnsafeSlow(LONG).fill(1);
  const sealed = whole(noiseCrypto.chaCha20Poly1305Encrypt(text, NONCE, Uint8Array.of(1), KEY)).slice();
  noiseCrypto.chaCha20Poly1305Decrypt(sealed, NONCE, Uint8Array.of(1), KEY);
  noiseCrypto.chaCha20Poly1305Encrypt(text, NONCE, TRANSPORT, KEY);
  expect([text.length, sealed.length]).toEqual([LONG, LONG + TAG]);
});

test("node:buffer's own pool is not given back", () => {
  const sealed = seal(pattern(2000));
  let last = Buffer.allocUnsafe(1000);
  for (let tries = 0; last.byteOffset + last.length < last.buffer.byteLength; tries++) {
    if (tries > 1000) throw new Error('no buffer ends where the pool does');
    last = Buffer.allocUnsafe(1000);
    const room = last.buffer.byteLength - last.byteOffset - last.length;
    if (room > 0 && room < 1000) last = Buffer.allocUnsafe(room);
  }
  const received = new Uint8ArrayList(sealed.slice(0, -last.length), last);
  last.set(sealed.subarray(-last.length));
  expect(same(noiseCrypto.chaCha20Poly1305Decrypt(received, NONCE, TRANSPORT, KEY), pattern(2000))).toBe(
    true,
  );
  expect(last.length).toBeGreaterThan(0);
});

/** Bytes that are not all alike. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);
}

function seal(text: Uint8Array): Uint8Array {
  return whole(noiseCrypto.chaCha20Poly1305Encrypt(text, NONCE, TRANSPORT, KEY)).slice();
}

function whole(bytes: Uint8Array | Uint8ArrayList): Uint8Array {
  return bytes.subarray();
}

function same(bytes: Uint8Array | Uint8ArrayList, other: Uint8Array): boolean {
  return Buffer.compare(whole(bytes), other) === 0;
}

/** A copy in pieces, each a buffer of its own. */
function list(bytes: Uint8Array, cuts: number[]): Uint8ArrayList {
  const at = cuts.map((cut) => Math.floor(cut * bytes.length)).sort((a, b) => a - b);
  return new Uint8ArrayList(...[0, ...at].map((from, i) => bytes.slice(from, at[i] ?? bytes.length)));
}
