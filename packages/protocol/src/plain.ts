/** Whether bytes are plain msgpack (rule C5), looked at before anything is made of them: a walk over their heads alone. */
import { SkeinError } from './errors.ts';

/** Values within values: as deep as any frame goes, and far from where the stack of whoever makes them would end. */
export const MAX_DEPTH = 64;

/**
 * Throws `bad_frame` unless the bytes are `one` value, or values back to back, of maps, arrays, text, binary, numbers,
 * true, false, null and undefined. msgpackr makes whatever its own extensions name, whether or not it is told to: errors
 * with their stack traces, patterns, values that contain themselves, records that it compiles. It costs less than a
 * tenth of decoding. `deepest`: levels of maps and arrays within each other that there may be.
 */
export function checkPlain(bytes: Uint8Array, one: boolean, deepest = Number.POSITIVE_INFINITY): void {
  const end = bytes.length;
  let at = 0;
  /** Values that must still follow in the innermost map or array, and in those around it that wait. */
  let due = one ? 1 : 0;
  const around: number[] = [];
  const length = (size: number): number => {
    let value = 0;
    for (const until = at + size; at < until; at++) value = value * 256 + (bytes[at] ?? 0);
    return value;
  };
  const skip = (size: number): void => {
    at += size;
  };
  const within = (count: number): void => {
    if (count === 0) return;
    if (around.length >= deepest) throw bad('it is nested too deep');
    around.push(due);
    due = count;
  };
  for (;;) {
    while (due === 0 && around.length > 0) due = around.pop() ?? 0;
    if (due === 0 && (one || at >= end)) break;
    if (at >= end) throw bad('it ends too early');
    const type = bytes[at++] ?? 0;
    due = Math.max(0, due - 1);
    if (type < 0x80 || type >= 0xe0) continue;
    if (type < 0x90) within(2 * (type & 0x0f));
    else if (type < 0xa0) within(type & 0x0f);
    else if (type < 0xc0) at += type & 0x1f;
    else
      switch (type) {
        case 0xc0:
        case 0xc2:
        case 0xc3:
          break;
        case 0xc4:
        case 0xc5:
        case 0xc6:
          skip(length(1 << (type - 0xc4)));
          break;
        case 0xca:
        case 0xcb:
          at += 4 << (type - 0xca);
          break;
        case 0xcc:
        case 0xcd:
        case 0xce:
        case 0xcf:
          at += 1 << (type - 0xcc);
          break;
        case 0xd0:
        case 0xd1:
        case 0xd2:
        case 0xd3:
          at += 1 << (type - 0xd0);
          break;
        case 0xd4:
          // The one extension that codec.ts writes: a field that is there and undefined.
          if (length(2) !== 0) throw bad('an extension is not used here');
          break;
        case 0xd9:
        case 0xda:
        case 0xdb:
          skip(length(1 << (type - 0xd9)));
          break;
        case 0xdc:
        case 0xdd:
          within(length(2 << (type - 0xdc)));
          break;
        case 0xde:
        case 0xdf:
          within(2 * length(2 << (type - 0xde)));
          break;
        default:
          throw bad(`type ${type} is not used here`);
      }
  }
  if (at > end) throw bad('it ends too early');
  if (at < end) throw bad('something follows the value');
}

function bad(why: string): SkeinError {
  return new SkeinError('bad_frame', `These bytes are not msgpack: ${why}.`);
}
