/** What is wanted of an agent on another machine, as effects and as the node's own commands to its session (rules X1–X3, K4). */
import type { FarEvents } from '@skein/protocol/machines/events';
import type { FarPlace } from '@skein/protocol/machines/place';
import type { Away, ClaimsAway } from '@skein/protocol/machines/policies';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import type { Tell } from '../../kernel/types.ts';

/** Has the worker admit it; its id is the run's. Done, its value is a `PlacedFar`. */
export const PLACE_FAR = 'place-far';
export interface PlaceFar {
  session: string;
  name: string;
  agent: string;
  run: string;
  peer: string;
  /** What the hosted session is to be called, made of the agent's id so that asking again is the same as once; and who takes its first lease. */
  hosted: string;
  taker: string;
  definition: string;
  called: string;
  args: string[];
  mode?: string;
  model?: string;
  direct?: false;
  /** Where it is to work; a workspace of home's is handed over first. */
  there: Exclude<FarPlace, { upload: string }> | { workspace: string };
}
export interface PlacedFar {
  /** Which, and where: it may have been forgotten here meanwhile. */
  agent: string;
  peer: string;
  session: string;
  term: number;
  away: Away;
  claims: ClaimsAway;
}

/**
 * Has the worker forget an agent that is forgotten here. An effect of the node's, told to its actor under the same name: the session may be
 * gone with all that it had under way before that machine can be reached (L8).
 */
export const GIVE_FAR = 'give-far';
export interface GiveFar {
  peer: string;
  session: string;
  agent: string;
  epoch: number;
  /** As which this is told. */
  n: number;
}
export const giveFar = (body: GiveFar): Tell => ({ target: 'node', type: GIVE_FAR, body });

/** What the node adds to a command that puts an agent on another machine: that one as it is known here. */
export interface FarFacts {
  far?: { peer: string; node: string };
}

/** An answer that a policy of home's gives to what was asked in what is copied. */
export interface FarAnswer {
  approval: string;
  run: string;
  outcome: 'allowed' | 'denied';
  option: string;
  rule: string;
  reason?: string;
}

/** The node's own commands to the session at home. */
export interface FarCommands {
  /** The events `from + 1` … `to` of the hosted session, whole; refused `gone` unless it is copied exactly up to `from` (X2). */
  'far.copy': {
    agent: string;
    epoch: number;
    from: number;
    events: StoredEvent[];
    answers: FarAnswer[];
  };
  'far.lease': { agent: string; epoch: number; taker: string };
  'far.got': { agent: string; epoch: number; taker: string; heard: number };
  /** `epoch` is what the worker says is the present one; `was` what was held or asked for here; `vanished`: there is nothing of it there. */
  'far.lost': { agent: string; was: number; epoch: number; why: string; vanished?: true };
  'far.gap': FarEvents['far.gap'];
  'far.link': FarEvents['far.link'];
}
