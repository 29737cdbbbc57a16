/**
 * A locator: where a node is found, as people pass it on for `skein node add`. One line that is told whole or wrong by its
 * own checksums; there is nothing secret in it.
 *
 *     skeinnode1 ‖ what text/sealed.ts makes of a msgpack map
 */
import { pack, unpack } from '../codec.ts';
import { SkeinError } from '../errors.ts';
import { MAX_RELAY_ADDRESS } from '../relay/address.ts';
import { keyOf, peerIdOf } from '../relay/peer-id.ts';
import { bytes, type Infer, list, obj, str } from '../shape.ts';
import { seal, unseal, unspaced } from '../text/sealed.ts';

export interface Locator {
  /** The node's PeerId. */
  peer: string;
  /** What it calls itself. */
  node: string;
  /** Addresses at which it may be reached directly. */
  addrs: string[];
  /** Relays at which it can be found, each with the relay's own PeerId. */
  relays: string[];
}

/** Characters of a locator. */
export const MAX_LOCATOR_TEXT = 2048;
/** Characters that are looked at when one is read. */
const MAX_PASTED = 4 * MAX_LOCATOR_TEXT;
const VERSION = 1;

const body = obj({
  k: bytes(32),
  n: str(64),
  a: list(str(256), 16),
  r: list(str(MAX_RELAY_ADDRESS), 8),
});

/** Throws `too_large` when there are more addresses than fit. */
export function encodeLocator({ peer, node, addrs, relays }: Locator): string {
  const fields: Infer<typeof body> = { k: keyOf(peer), n: node, a: addrs, r: relays };
  const packed = pack(fields);
  const text = packed.length > MAX_LOCATOR_TEXT ? '' : `skeinnode${VERSION}${seal(packed)}`;
  if (text === '' || text.length > MAX_LOCATOR_TEXT)
    throw new SkeinError('too_large', 'This node is found at more addresses than fit into a line.');
  return text;
}

/** Whether a text is meant to be a locator. */
export function isLocator(text: string): boolean {
  return /^\s*skeinnode\d/i.test(text);
}

/** Throws `bad_address` with what is wrong: no locator, of a later version, cut off, or mistyped. */
export function decodeLocator(pasted: string): Locator {
  if (pasted.length > MAX_PASTED) throw bad('This is no locator: it is too long.');
  const [, version, data] = /^skeinnode(\d{1,4})(.*)$/.exec(unspaced(pasted)) ?? [];
  if (version === undefined || data === undefined)
    throw bad('This is no locator: it does not begin with "skeinnode1". One is printed by: skein node show');
  const packed = unseal(data);
  // The line begins with a letter: more digits are those of the version.
  if (Number(version) > VERSION && /^[a-z]/.test(data))
    throw bad(`This locator is of version ${version}, and this Skein reads ${VERSION}: update Skein here.`);
  if (Number(version) !== VERSION || packed === 'mistyped')
    throw bad('This locator was mistyped: its checksum is wrong. Copy it anew.');
  if (packed === 'cut') throw bad('This locator is cut off: its end is missing. Copy the whole line.');
  try {
    const { k, n, a, r } = body(unpack(packed), '');
    return { peer: peerIdOf(k), node: n, addrs: a, relays: r };
  } catch (error) {
    throw bad(`This is no locator: ${error instanceof Error ? error.message : 'it cannot be read'}`);
  }
}

function bad(message: string): SkeinError {
  return new SkeinError('bad_address', message);
}
