/**
 * What a screen says of the program that shows it, and what follows. For a program without hooks it is all there is: its turns
 * are guessed, and said to be. For one with hooks it tells when a prompt may be typed, and what no hook reports: that
 * somebody has interrupted it.
 */

import { hashText } from '../bounds.ts';
import type { ScreenPatterns } from './options.ts';
import type { PtyState, Seen } from './state.ts';
import { beginTurn, type D, endTurn, press, settle } from './turns.ts';

/** Lines at the end of the screen that patterns are tried on: what a program is at is said there, what it has said is above. */
const LAST_LINES = 12;
/** Characters of a line. */
const MAX_LINE_LENGTH = 512;
/** Milliseconds for which a screen must stand still before it is believed that a turn has ended. */
const STILL_MS = 700;
/** The same when nothing has shown that the turn had begun; and when a hook would have told of its end, and is late. */
const STILL_LONG_MS = 3_000;

/** How often the keys that send a prompt are pressed for one. */
const MAX_PRESSES = 3;

export interface Screen {
  /** Its lines, from the first to the last, with newlines between. */
  text: string;
  /** Milliseconds since the program last printed. */
  still: number;
}

/** What a screen says, by the patterns of its definition. Undefined when none of them matches. */
export function read({ waiting, working, ready }: ScreenPatterns, text: string): Seen | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.slice(0, MAX_LINE_LENGTH).trimEnd())
    .filter((line) => line !== '')
    .slice(-LAST_LINES);
  const has = (pattern: string | undefined) => {
    if (pattern === undefined) return false;
    const expression = new RegExp(pattern, 'u');
    return lines.some((line) => expression.test(line));
  };
  if (has(waiting)) return 'waiting';
  if (has(working)) return 'working';
  return has(ready) ? 'ready' : undefined;
}

/** A program of which nothing is known but that it prints: it waits for a prompt when it has been still for long. */
function seenIn(d: D, { text, still }: Screen): Seen | undefined {
  const { screen, hooks } = d.s.settings;
  const seen = read(screen, text);
  if (seen !== undefined || screen.ready !== undefined || hooks !== null) return seen;
  return still >= STILL_LONG_MS ? 'ready' : undefined;
}

/**
 * Whether looking at the screen could tell anything; after how many milliseconds of stillness, should nothing be printed
 * until then.
 */
export function looksAt(s: PtyState): { now: boolean; still: number[] } {
  const guesses = s.settings.hooks === null;
  const patterned = s.settings.screen.ready !== undefined;
  const open = s.life === 'starting' || s.turn !== null || s.busy === true;
  return {
    now: guesses || open,
    still: s.turn !== null || (open && !patterned) ? [STILL_MS, STILL_LONG_MS] : [],
  };
}

export function onScreen(d: D, { text, still }: Screen): void {
  const seen = seenIn(d, { text, still });
  if (seen !== undefined) {
    d.s.seen = seen;
    d.s.shown = hashText(0, text);
    // One that waits for a prompt again and shows something else has done what it was told, however fast.
    if (seen === 'ready' && d.s.settings.hooks === null && d.s.shown !== d.s.typedInto) d.s.taken = true;
  }
  if (seen === 'ready' && d.s.life === 'starting' && d.s.settings.hooks === null) {
    d.s.life = 'ready';
    d.emit('agent.ready', {});
  }
  if (d.s.life !== 'ready') return;
  if (seen === 'working' || seen === 'waiting') onBusy(d, seen);
  else if (d.s.turn !== null) seen === 'ready' ? onIdle(d, still) : onUnsent(d, still);
  settle(d);
}

function onBusy(d: D, seen: Seen): void {
  if (d.s.settings.hooks !== null) return;
  if (d.s.turn !== null) d.s.taken = true;
  // A question that stands there before any turn (whether a directory is trusted) is no turn's.
  else if (seen === 'working') {
    beginTurn(d, null);
    d.note('guessed: turn.started', 'Its screen shows that it works.');
  }
}

/** A program that was not quite awake has taken the prompt, and its Enter for a line's end: nothing of it goes on. */
function onUnsent(d: D, still: number): void {
  const known = d.s.settings.screen.ready !== undefined;
  if (known && !d.s.taken && still >= STILL_MS && d.s.pressed < MAX_PRESSES) press(d);
}

function onIdle(d: D, still: number): void {
  const { turn, taken } = d.s;
  const hooked = d.s.settings.hooks !== null;
  const wait = turn?.cancelling || (taken && !hooked) ? STILL_MS : STILL_LONG_MS;
  if (still < wait) return;
  // What a program without a dialog of its own asks by a hook does not show: the turn goes on for as long.
  if (!hooked && d.s.approvals.length > 0 && !turn?.cancelling) return;
  d.note('guessed: turn.ended', 'Its screen shows that it waits for a prompt.');
  // One with hooks tells of every end but that of a turn which was interrupted.
  if (hooked && !taken && !turn?.cancelling && !d.s.command)
    endTurn(d, 'failed', undefined, 'The program did not take it for a prompt.');
  else endTurn(d, turn?.cancelling || (hooked && taken) ? 'cancelled' : 'done');
  d.s.seen = 'ready';
}
