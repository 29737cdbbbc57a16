/**
 * The ciphers that Noise uses on a connection (rule M1): node:crypto's for all but short messages, and what was received is
 * given back once it is decrypted, since a connection at full speed would else leave V8 hundreds of MiB a second to collect.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import type { ICryptoInterface } from '@libp2p/noise';
import { asCrypto, defaultCrypto } from '@libp2p/noise/crypto';
import { Uint8ArrayList } from 'uint8arraylist';

type Bytes = Parameters<ICryptoInterface['chaCha20Poly1305Encrypt']>[0];

const CIPHER = 'chacha20-poly1305';
const TAG = 16;
/** Bytes of a message up to which WebAssembly is quicker than the way into OpenSSL. */
const SHORT = 700;
/** Bytes of what goes through a cipher at once: what comes out of it is then no mapping of its own to malloc (../../flags.ts). */
const PIECE = 16 * 1024;
/** Bytes of a buffer that is worth giving back. */
const WORTH = 16 * 1024;

/** Made once a key: whenever node:crypto is given the bytes themselves it throws and catches twice, 20 µs a message. */
const keys = new WeakMap<Uint8Array, KeyObject>();

export const noiseCrypto: ICryptoInterface = {
  ...defaultCrypto,

  chaCha20Poly1305Encrypt(plaintext, nonce, ad, k) {
    if (plaintext.byteLength < SHORT) return asCrypto.chaCha20Poly1305Encrypt(plaintext, nonce, ad, k);
    const cipher = createCipheriv(CIPHER, keyOf(k), nonce, { authTagLength: TAG });
    cipher.setAAD(ad, { plaintextLength: plaintext.byteLength });
    const ciphertext = new Uint8ArrayList();
    for (const piece of pieces(plaintext, plaintext.byteLength)) ciphertext.append(cipher.update(piece));
    cipher.final();
    ciphertext.append(cipher.getAuthTag());
    return ciphertext;
  },

  /** `room`, where the plaintext could be put, is not used: it lies within what was received, or is a copy of it in one piece. */
  chaCha20Poly1305Decrypt(ciphertext, nonce, ad, k, room) {
    if (ciphertext.byteLength < SHORT) return asCrypto.chaCha20Poly1305Decrypt(ciphertext, nonce, ad, k);
    if (room !== undefined && !partsOf(ciphertext).some(({ buffer }) => buffer === room.buffer))
      giveBack(room);
    const decipher = createDecipheriv(CIPHER, keyOf(k), nonce, { authTagLength: TAG });
    const length = ciphertext.byteLength - TAG;
    decipher.setAAD(ad, { plaintextLength: length });
    decipher.setAuthTag(ciphertext.subarray(length));
    const plaintext = new Uint8ArrayList();
    for (const piece of pieces(ciphertext, length)) plaintext.append(decipher.update(piece));
    // Throws when the tag is not that of these bytes.
    decipher.final();
    // In a handshake it is hashed as well.
    if (ad.byteLength === 0) giveBack(ciphertext);
    return plaintext;
  },
};

function partsOf(bytes: Bytes): Uint8Array[] {
  return bytes instanceof Uint8Array ? [bytes] : [...bytes];
}

/** The first so many bytes, in pieces of at most PIECE. */
function* pieces(bytes: Bytes, length: number): Iterable<Uint8Array> {
  let left = length;
  for (const part of partsOf(bytes)) {
    const end = Math.min(part.byteLength, left);
    for (let at = 0; at < end; at += PIECE) yield part.subarray(at, Math.min(at + PIECE, end));
    left -= end;
  }
}

function keyOf(k: Uint8Array): KeyObject {
  let key = keys.get(k);
  if (key === undefined) {
    key = createSecretKey(k);
    keys.set(k, key);
  }
  return key;
}

/**
 * Bytes come in the order of the connection, and a buffer holds no one else's: when its last byte is decrypted all of it is, and
 * nobody comes back to it. (What is sent is not given back so: Yamux still counts it afterwards.)
 */
function giveBack(bytes: Bytes): void {
  for (const { buffer, byteOffset, byteLength } of partsOf(bytes)) {
    const ends = byteOffset + byteLength === buffer.byteLength;
    if (ends && buffer.byteLength >= WORTH && buffer instanceof ArrayBuffer) free(buffer);
  }
}

function free(buffer: ArrayBuffer): void {
  try {
    buffer.transfer(0);
  } catch {
    // The pool that node:buffer cuts small buffers from; it alone cannot be given back.
  }
}
