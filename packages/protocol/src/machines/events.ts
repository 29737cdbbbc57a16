/**
 * The events of agents on other machines, one definition for type and check (rules X1–X3).
 *
 * The process runs on a worker, which keeps a session of its own for each such agent: a hosted session. The agent belongs to a session
 * of another node, its home. Agent and run have the same ids on both. What the agent does is the worker's to record, and is copied by
 * home, event by event, with the worker's times. What is wanted of it is home's to record, and is told the worker in order, each once.
 */
import * as z from 'zod';
import { agentName, definitionName } from '../agents/names.ts';
import { granted } from './policies.ts';

const id = z.string().min(1).max(64);
const title = z.string().max(1_024);
const error = z.object({ code: z.string().max(64), message: title });

/** In the stream `peers` of the machine that gives them. */
export const grantEvents = {
  'grant.given': z.object({
    grant: id,
    /** Whom: a PeerId. */
    peer: id,
    ...granted,
    /** Milliseconds since 1970; null for as long as it is not revoked. */
    expires: z.int().nullable(),
  }),
  /** What it admitted is ended. */
  'grant.revoked': z.object({ grant: id }),
};
export type GrantEvents = { [K in keyof typeof grantEvents]: z.infer<(typeof grantEvents)[K]> };

/** Whose a hosted session is: its home's PeerId, what that is called, its session there; and by which grant. */
const homed = {
  home: id,
  node: z.string().max(64),
  session: id,
  name: z.string().max(64),
  agent: id,
  grant: id,
  term: granted.term,
  away: granted.away,
  claims: granted.claims,
};

/** Whose a hosted session is, as the worker's index keeps it; `workspace` was made for it and goes with it. */
export const hostedAs = z.object({
  ...homed,
  /** Agents at a time under its grant. */
  max: granted.max,
  workspace: id.nullable(),
});
export type HostedAs = z.infer<typeof hostedAs>;

/** What an agent can ask of its home, and is answered by it. */
export const HOME_ASKS = ['claim', 'tool'] as const;
const ANSWERED_BY = ['home', 'policy', 'withdrawn'] as const;

/** In the stream of a hosted session, on the worker. */
export const hostedEvents = {
  /** The first event after `session.created`. */
  'session.hosted': z.object(homed),
  /**
   * From now on who took this epoch commands it, and nobody of an earlier one (X3). `taker` was made at random by who took it, so that
   * the same asking again is known.
   */
  'lease.taken': z.object({ epoch: z.int().min(1), taker: id, by: id }),
  /** It was not renewed within its term, given back, or its grant is gone. */
  'lease.ended': z.object({ epoch: z.int(), why: z.enum(['silent', 'given-back', 'revoked']) }),
  /** What home told as its `n`th was done, or refused and why. */
  'home.heard': z.object({ n: z.int().min(1), error: error.optional() }),
  /** The agent, or who works for it, asks something that home decides; `body` is of `kind`. */
  'home.asked': z.object({ ask: id, kind: z.enum(HOME_ASKS), body: z.unknown() }),
  /** Answered by home (`home.tell`), or by this machine's policy because home is away. */
  'home.answered': z.object({
    ask: id,
    by: z.enum(ANSWERED_BY),
    error: error.optional(),
    /** Only where an answer is more than yes. */
    answer: z.unknown().optional(),
  }),
};
export type HostedEvents = { [K in keyof typeof hostedEvents]: z.infer<(typeof hostedEvents)[K]> };

/** What becomes of a hosted agent's connection with home. */
export const FAR_LINKS = ['placing', 'up', 'down', 'ended'] as const;

/** In the stream of the session at home. */
export const farEvents = {
  /** It runs on another machine; told in the same transaction as `agent.added`. */
  'far.wanted': z.object({
    agent: id,
    /** PeerId of the worker, and its name here. */
    peer: id,
    node: z.string().max(64),
    definition: definitionName,
    called: agentName,
  }),
  /** The worker has admitted it; `session` is the hosted one. */
  'far.placed': z.object({
    agent: id,
    session: id,
    term: granted.term,
    away: granted.away,
    claims: granted.claims,
  }),
  /** This epoch is about to be asked for, under this name; once it is got, `wish` is told. */
  'far.leasing': z.object({
    agent: id,
    epoch: z.int().min(1),
    taker: id,
    wish: z.object({ type: z.string().max(64), body: z.unknown() }).optional(),
  }),
  /** It was got. The worker has heard so many of what was told: what it has not heard is counted from there on. */
  'far.leased': z.object({ agent: id, epoch: z.int().min(1), heard: z.int().min(0) }),
  /** Somebody else has taken a later one, this, or its grant is gone: nothing that is said here reaches it any more. */
  'far.unleased': z.object({ agent: id, epoch: z.int().min(0), why: title }),
  /** Something that the worker is to be told as its `n`th: a command to the agent, or an answer to what it asked. */
  'far.told': z.object({ agent: id, n: z.int().min(1), type: z.string().max(64), body: z.unknown() }),
  /** The worker has heard what was told as the `n`th, and done it, or refused and why: what it told of that (`home.heard`), copied. */
  'far.heard': z.object({ agent: id, n: z.int().min(1), error: error.optional() }),
  /** It asks something (`home.asked`, copied); what is told as `home.answer` answers it, or the worker withdraws it. */
  'far.asked': z.object({ agent: id, ask: id, kind: z.enum(HOME_ASKS), body: z.unknown() }),
  /** `by` as in `home.answered`. */
  'far.answered': z.object({ agent: id, ask: id, by: z.enum(ANSWERED_BY).optional() }),
  /**
   * The worker's events are copied up to here; in the same transaction as these, so that none is there twice (X2). A copy says in its
   * envelope where it comes from: this is told only where the last that was looked at has no copy.
   */
  'far.copied': z.object({ agent: id, epoch: z.int(), offset: z.int() }),
  /** The worker's log has lost events, or begun anew: from `{epoch, offset}` on it is copied again. */
  'far.gap': z.object({ agent: id, epoch: z.int(), offset: z.int(), why: title }),
  /** It cannot be reached, or can again; told when that has lasted. */
  'far.link': z.object({ agent: id, link: z.enum(FAR_LINKS), why: title.optional() }),
};
export type FarEvents = { [K in keyof typeof farEvents]: z.infer<(typeof farEvents)[K]> };
