/** The turns of a program in a terminal: begun and ended by what its hooks tell, or guessed from its screen. */
import type { TurnEnd } from '@skein/protocol/agents/events';
import { withdrawApproval } from '../calls.ts';
import type { Draft } from '../draft.ts';
import { keysOf } from './keys.ts';
import { MAX_OVER, MAX_REPLIES, type PtyState } from './state.ts';

export type D = Draft<PtyState>;

/** A turn that somebody at the terminal, or the program itself, has begun. */
export function beginTurn(d: D, theirs: string | null): void {
  d.startTurn(null);
  d.s.taken = true;
  d.s.theirs = theirs;
  d.s.busy = true;
}

export function endTurn(d: D, reason: TurnEnd, stop?: string, message?: string): void {
  for (const { request } of d.s.approvals) release(d, request);
  d.endTurn(reason, stop, message);
  if (d.s.theirs !== null) d.s.over = [...d.s.over, d.s.theirs].slice(-MAX_OVER);
  d.s.theirs = null;
  d.s.taken = false;
  d.s.unnamed = [];
  // What it showed before says nothing of how it is left.
  d.s.seen = null;
  settle(d);
}

/** Presses the keys that send what was typed. */
export function press(d: D): void {
  d.s.pressed += 1;
  d.type(keysOf(d.s.settings.submit) ?? '\r');
}

/** Whether a prompt may be typed, by all that is known. */
export function settle(d: D): void {
  const { hooks, screen } = d.s.settings;
  const shown = (hooks !== null && screen.ready === undefined) || d.s.seen === 'ready';
  d.s.busy = !shown || d.s.turn !== null || d.s.approvals.length > 0;
}

/** Somebody at the terminal has answered, or nobody needs to any more. */
export function withdraw(d: D, request: string | number): void {
  if (withdrawApproval(d, request) !== undefined) release(d, request);
}

/** A hook that waits is to end and say nothing. */
function release(d: D, request: string | number): void {
  replyTo(d, String(request), '');
}

export function replyTo(d: D, request: string, text: string): void {
  d.s.replies = [...d.s.replies, { request, text }].slice(-MAX_REPLIES);
}
