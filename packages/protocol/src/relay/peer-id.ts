/**
 * PeerIds as people and tickets write them, for Ed25519 keys alone: base58btc of `00 24 08 01 12 20 ‖ key`, which is
 * libp2p's identity multihash of the key's protobuf, and begins with `12D3KooW`. A PeerId is the key: nothing is looked up.
 */
import { SkeinError } from '../errors.ts';
import type { Shape } from '../shape.ts';
import { decodeBase58, encodeBase58 } from './base58.ts';

/** Bytes of an Ed25519 public key. */
export const KEY_BYTES = 32;

/** identity multihash, 36 bytes of it: protobuf field 1 (type) = Ed25519, field 2 (key) of 32 bytes. */
const PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20);

/** Characters: every such PeerId has as many, since the prefix fixes its size. */
export const PEER_ID_LENGTH = 52;

/** The PeerId of a 32-byte public key; throws `bad_peer_id` for another length. */
export function peerIdOf(key: Uint8Array): string {
  if (key.length !== KEY_BYTES)
    throw new SkeinError('bad_peer_id', `An Ed25519 public key has ${KEY_BYTES} bytes, not ${key.length}.`);
  const bytes = new Uint8Array(PREFIX.length + KEY_BYTES);
  bytes.set(PREFIX);
  bytes.set(key, PREFIX.length);
  return encodeBase58(bytes);
}

/** The 32-byte public key of a PeerId; throws `bad_peer_id` for any text that `peerIdOf` would not write. */
export function keyOf(peer: string): Uint8Array {
  const bytes = peer.length === PEER_ID_LENGTH ? decodeBase58(peer) : undefined;
  if (bytes?.length !== PREFIX.length + KEY_BYTES || PREFIX.some((byte, i) => bytes[i] !== byte)) {
    const message = `This is no PeerId: ${JSON.stringify(peer.slice(0, 64))}. One has ${PEER_ID_LENGTH} characters and begins with 12D3KooW.`;
    throw new SkeinError('bad_peer_id', message);
  }
  return bytes.slice(PREFIX.length);
}

export function isPeerId(text: string): boolean {
  try {
    keyOf(text);
    return true;
  } catch {
    return false;
  }
}

/** A field that holds a PeerId; throws `bad_frame`. */
export const peerId: Shape<string> = (value, path) => {
  if (typeof value === 'string' && isPeerId(value)) return value;
  throw new SkeinError('bad_frame', `A frame's field "${path}" must be a PeerId.`, { field: path });
};
