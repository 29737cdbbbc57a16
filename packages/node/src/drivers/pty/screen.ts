/**
 * What a screen says of the program that shows it, and what follows. For a program without hooks it is all there is: its turns
 * are guessed, and said to be. For one with hooks it tells when a prompt may be typed, and what no hook reports: that
 * somebody has interrupted it.
 */

import type { ScreenPatterns } from './options.ts';
import type { Seen } from './state.ts';
import { beginTurn, type D, endTurn, settle } from './turns.ts';

/** Lines at the end of the screen that patterns are tried on: what a program is at is said there, what it has said is above. */
const LAST_LINES = 12;
/** Characters of a line. */
const MAX_LINE_LENGTH = 512;
/** Milliseconds for which a screen must stand still before it is believed that a turn has ended. */
const STILL_MS = 700;
/** The same when nothing has shown that the turn had begun; and when a hook would have told of its end, and is late. */
const STILL_LONG_MS = 3_000;

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

/** Whether looking at the screen again, though nothing was printed, could tell anything. */
export function looksAgain({ s }: Pick<D, 's'>): boolean {
  return s.turn !== null && s.seen === 'ready';
}

export function onScreen(d: D, { text, still }: Screen): void {
  const seen = read(d.s.settings.screen, text);
  if (seen !== undefined) d.s.seen = seen;
  if (seen === 'ready' && d.s.life === 'starting' && d.s.settings.hooks === null) {
    d.s.life = 'ready';
    d.emit('agent.ready', {});
  }
  if (d.s.life !== 'ready') return;
  if (seen === 'working' || seen === 'waiting') onBusy(d, seen);
  else if (seen === 'ready' && d.s.turn !== null) onIdle(d, still);
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

function onIdle(d: D, still: number): void {
  const { turn, taken } = d.s;
  const hooked = d.s.settings.hooks !== null;
  const wait = turn?.cancelling || (taken && !hooked) ? STILL_MS : STILL_LONG_MS;
  if (still < wait) return;
  d.note('guessed: turn.ended', 'Its screen shows that it waits for a prompt.');
  // One with hooks tells of every end but that of a turn which was interrupted.
  endTurn(d, turn?.cancelling || (hooked && taken) ? 'cancelled' : 'done');
  d.s.seen = 'ready';
}
