/** One msgpack encoding for frames, events and stored state: plain maps, no extensions that another language lacks. */
import { Packr } from 'msgpackr/pack';
import { SkeinError } from './errors.ts';
import { unpackValues } from './light-codec.ts';
import { checkPlain, MAX_DEPTH } from './plain.ts';

// Records would make the bytes depend on what was packed before; hashes and replays need the same value to give the
// same bytes. Integers past 2^53 never occur; int64AsType keeps 64-bit ones plain numbers.
const packr = new Packr({
  useRecords: false,
  variableMapSize: true,
  int64AsType: 'number',
  moreTypes: false,
});

/** Packs a JSON-like value (Uint8Array allowed). The result is a view of its own, safe to keep. */
export function pack(value: unknown): Uint8Array {
  return packr.pack(value);
}

/** Unpacks what somebody else has sent: one value, no deeper than a frame may be. Throws `bad_frame`. */
export function unpackFrame(bytes: Uint8Array): unknown {
  checkPlain(bytes, true, MAX_DEPTH);
  return decoded(bytes);
}

/** Whether `unpackFrame` would take what `pack` has made. */
export function isFrame(packed: Uint8Array): boolean {
  try {
    checkPlain(packed, true, MAX_DEPTH);
    return true;
  } catch {
    return false;
  }
}

/** Unpacks one value of any depth; throws `bad_frame` when the bytes are not exactly one msgpack value. */
export function unpack(bytes: Uint8Array): unknown {
  checkPlain(bytes, true);
  return decoded(bytes);
}

function decoded(bytes: Uint8Array): unknown {
  try {
    return isMarked(bytes) ? unpackValues(bytes)[0] : packr.unpack(bytes);
  } catch (error) {
    throw new SkeinError('bad_frame', `These bytes are not msgpack: ${messageOf(error)}.`);
  }
}

/** Unpacks values that stand back to back, as the pages of a subscription hold them. */
export function unpackAll(bytes: Uint8Array): unknown[] {
  if (bytes.length === 0) return [];
  checkPlain(bytes, false);
  try {
    if (isMarked(bytes)) return unpackValues(bytes);
    const values = packr.unpackMultiple(bytes);
    return Array.isArray(values) ? values : [];
  } catch (error) {
    throw new SkeinError('bad_frame', `These bytes are not msgpack values: ${messageOf(error)}.`);
  }
}

/** Whether U+FEFF is in it: msgpackr leaves that out where a text of more than 64 bytes begins with it, as many a file does. */
function isMarked(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0xef); at >= 0; at = bytes.indexOf(0xef, at + 1))
    if (bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) return true;
  return false;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
