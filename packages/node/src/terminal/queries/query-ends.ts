/** Where in a chunk queries end, so that an emulator's answers can be given their offsets (H7). */

import { intentOf } from '../emulator/asks.ts';
import { nextIntroducer, State, Walker } from './sequences.ts';

/**
 * Whether a chunk may have a query at all: a native search, much faster than walking every sequence. Programs write what is
 * searched: no two repeats that stand side by side may match the same byte, else the search takes time without end.
 */
const HINT =
  /\x1b(?:[\x00-\x1a]*\[[\x00-\x1a -?]*[cnpqtux]|\[\?2048h|\][\x00-\x1a0-9]*;[^\x07\x1b]*\?|[\x00-\x1a]*[PZ])|\xc2[\x80-\x9f]/;

const walker = new Walker();

/**
 * The indexes just after each query of `bytes`, which begin in parser state `within`. Indexes after sequences that merely
 * might ask are among them; that does no harm.
 */
export function queryEnds(bytes: Uint8Array, within: number): number[] {
  const ends: number[] = [];
  let at = 0;
  if (within !== State.GROUND) {
    if (walker.resume(bytes, 0, within) === 'open') return ends;
    at = walker.end;
    ends.push(at);
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!HINT.test(buffer.toString('latin1'))) return ends;
  while (at < bytes.length) {
    const from = nextIntroducer(bytes, at);
    if (from >= bytes.length) break;
    const ending = walker.begin(bytes, from);
    if (ending === 'open') break;
    at = walker.end;
    if (ending === 'aborted' || intentOf(bytes, from, at, walker.kind) === 'harmless') continue;
    // A string that is cut acts with the first byte of what cuts it.
    ends.push(ending === 'cut' ? at + 1 : at);
  }
  return ends;
}
