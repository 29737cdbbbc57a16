/** When a relay that is gone is tried again (rule C4). Pure, but for chance. */
import type { ErrorCode } from '@skein/protocol/errors';

/** Milliseconds between tries while somebody waits, at least and at most: spread, so that many do not come at once. */
const HURRIED = [250, 750] as const;
/** Milliseconds after which a try that has not failed yet gets another beside it, while somebody waits. */
export const OVERLAP_MS = 500;
/** Tries under way at once; the oldest makes room. */
export const TRIES_MAX = 8;
/** Milliseconds without an answer after which a registration is not relied on, while somebody waits. */
export const DOUBT_MS = 750;
/** Milliseconds that a registration may take before another try may register as well. */
export const REGISTERING_MS = 1_500;
/** Milliseconds: the longest between two tries while nobody waits, and the first of the doubling ones. */
const LONGEST = 15_000;
const SHORTEST = 250;
/** Milliseconds after a refusal that trying again will hardly change, while somebody waits. */
export const REFUSED_MS = 5_000;

/** Refusals that need a person. */
const LASTING: readonly ErrorCode[] = [
  'not_admitted',
  'signature_invalid',
  'clock_skewed',
  'unsupported_version',
  'relay_changed',
  'bad_frame',
];

export function isLasting(code: ErrorCode): boolean {
  return LASTING.includes(code);
}

/** Tries in a row that a relay without room has refused, after which somebody at a terminal is told so. */
export const FULL_TRIES = 3;

/** Refusals that may be over in a moment, or in a month. */
export function isFull(code: ErrorCode): boolean {
  return code === 'relay_full' || code === 'quota_exceeded';
}

/** Refusals in a row that one who was admitted before puts down to damage on the way. */
const DOUBTED = 3;
/** Milliseconds that a registration has held after which the next refusal is doubted anew. */
export const STEADY_MS = 1_000;

/** Whether a refusal that usually lasts may be damage on the way: a flipped bit makes nonsense of any frame. */
export function isDoubtful(code: ErrorCode, admitted: boolean, doubted: number): boolean {
  return admitted && doubted < DOUBTED && isLasting(code) && code !== 'relay_changed';
}

/**
 * Milliseconds until the next try, after so many failures in a row; the first one is at once. Whoever was replaced gives way:
 * should there be two of one key, they would else chase each other.
 */
export function retryIn(failures: number, hurried: boolean, code: ErrorCode, chance = Math.random()): number {
  if (isLasting(code) || code === 'replaced' || code === 'identity_unsafe')
    return hurried ? REFUSED_MS : LONGEST / 2 + (chance * LONGEST) / 2;
  if (failures === 0) return 0;
  if (hurried) return HURRIED[0] + chance * (HURRIED[1] - HURRIED[0]);
  const longest = Math.min(LONGEST, SHORTEST * 2 ** Math.min(failures, 10));
  return longest / 2 + (chance * longest) / 2;
}
