/**
 * What the two ends of a control connection sign (rule R1): everything that makes a registration this one and no other,
 * each part behind its length, under a domain of its own, so that no signature fits elsewhere or again.
 */
import { keyOf } from './peer-id.ts';

/** Who signs: the node to register, the relay to answer. */
type Signer = 'register' | 'registered';

export interface Registration {
  /** PeerIds; the relay's is the one that the node has pinned, or saw in the challenge. */
  relay: string;
  peer: string;
  /** 32 bytes each. */
  relayNonce: Uint8Array;
  nodeNonce: Uint8Array;
  /** Milliseconds since 1970 by the node's clock. */
  time: number;
  listen: boolean;
}

/** The bytes to sign with Ed25519; throws `bad_peer_id`. */
export function transcript(signer: Signer, registration: Registration): Uint8Array {
  const { relay, peer, relayNonce, nodeNonce, time, listen } = registration;
  const clock = new Uint8Array(8);
  new DataView(clock.buffer).setBigUint64(0, BigInt(time));
  return lengthPrefixed([
    new TextEncoder().encode(`skein relay ${signer} v1`),
    keyOf(relay),
    relayNonce,
    nodeNonce,
    clock,
    keyOf(peer),
    Uint8Array.of(listen ? 1 : 0),
  ]);
}

/** Each part behind its length in four bytes: no two lists of parts give the same bytes. */
function lengthPrefixed(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length);
    out.set(part, at + 4);
    at += 4 + part.length;
  }
  return out;
}
