/** A session's state after a decision that is still being made, for what others are told of it. Pure. */
import { reduceSession, type SessionState } from '@skein/protocol/sessions/state';
import type { DecideContext, Decision } from '../kernel/types.ts';

/** What can make a session be at something else. */
const ABOUT = /^(agent\.|run\.|far\.(link|leas|unleas))/;

/** Undefined where nothing of it is about agents or programs. */
export function runsAfter(
  before: SessionState,
  { events = [] }: Decision,
  { now: at, by, offset }: DecideContext,
): SessionState | undefined {
  if (!events.some(({ type }) => ABOUT.test(type))) return undefined;
  return events.reduce(
    (state, { type, body, by: whose = by, copied }, n) =>
      reduceSession(state, { type, body, at: copied?.at ?? at, by: whose }, offset + n + 1),
    before,
  );
}
