/**
 * The step `edit`: reads a file, writes it anew with one more line, and where that was refused reads it again and tries again. What it
 * knows of a file are its lines that begin with `* `, in whichever way the agent shows them.
 *
 * It writes what it has read, as models do: a change that came in between is lost, unless somebody keeps it from writing.
 */
import type { ToolStep } from './marker.ts';

export interface EditStep {
  step: 'edit';
  path: string;
  /** Of the pauses before each of its calls, in milliseconds at most; 0 for none. */
  pause: number;
  /** It is held at this gate before it writes for the first time. */
  gate?: string;
  /** Another number gives other pauses. */
  seed: number;
  /** Begins with `* `, so that it is read again. */
  line: string;
}

/** Writes that are tried. */
export const MOST_TRIES = 40;
const LINES = /\* [\w-]+/g;
/** Every agent says so of a write that was made, and of no other. */
const MADE = /success/i;

export type Doing =
  | { step: 'sleep'; ms: number }
  | { step: 'hold'; gate: string }
  | (ToolStep & { together: false });

/** What an agent tells its model besides, before the result `at`: that a file has changed, for example, and what is in it now. */
export interface Note {
  at: number;
  text: string;
}

/**
 * What comes next, after these results of its own calls. `done` once it was written, or given up; then `used` of the results
 * were its own.
 */
export function editOn(
  edit: EditStep,
  results: readonly string[],
  notes: readonly Note[] = [],
): { next: Doing[] } | { done: true; used: number; made: boolean } {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const [read, written] = results.slice(tries * 2);
    const pause: Doing[] =
      edit.pause === 0
        ? []
        : [{ step: 'sleep', ms: pauseOf(edit, tries * 2 + (read === undefined ? 0 : 1)) }];
    if (read === undefined) return { next: [...pause, { step: 'read', path: edit.path, together: false }] };
    if (written === undefined) {
      const lines = [...new Set([...linesOf(results.slice(0, tries * 2 + 1), notes), edit.line])];
      const content = lines.map((line) => `${line}\n`).join('');
      const hold: Doing[] = edit.gate === undefined || tries > 0 ? [] : [{ step: 'hold', gate: edit.gate }];
      return { next: [...pause, ...hold, { step: 'write', path: edit.path, content, together: false }] };
    }
    if (MADE.test(written)) return { done: true, used: tries * 2 + 2, made: true };
  }
  return { done: true, used: MOST_TRIES * 2, made: false };
}

/** Of the last read that shows any, or note: some agents do not show again what has not changed, or was noted. */
function linesOf(results: readonly string[], notes: readonly Note[]): string[] {
  const shown = results.flatMap((text, at) => {
    const before = notes.filter((note) => note.at === at).map((note) => note.text);
    return at % 2 === 0 ? [...before, text] : before;
  });
  return shown.findLast((text) => text.search(LINES) >= 0)?.match(LINES) ?? [];
}

/** Two pauses of a seed have nothing to do with each other. */
function pauseOf({ seed, pause }: EditStep, nth: number): number {
  let hash = (seed ^ 0x9e3779b9) + Math.imul(nth + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return ((hash ^ (hash >>> 15)) >>> 0) % (pause + 1);
}
