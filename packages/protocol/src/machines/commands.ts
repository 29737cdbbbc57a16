/** The commands about agents on other machines: their bodies (zod), and the replies that another node is believed by (rules X1–X3, K1). */
import * as z from 'zod';
import { agentName, definitionName } from '../agents/names.ts';
import { identifier } from '../identifier.ts';
import { isPeerId } from '../relay/peer-id.ts';
import { farPlace } from './place.ts';
import { granted } from './policies.ts';

const peerId = z.string().max(64).refine(isPeerId, 'must be a PeerId');

/** To `peers`, by the machine's user. */
export const grantCommands = {
  'grant.give': z.object({
    grant: identifier,
    peer: peerId,
    ...granted,
    /** Milliseconds from now. */
    lifetime: z.int().min(1_000).optional(),
  }),
  'grant.revoke': z.object({ grant: identifier }),
  /** A node that is known by where it is found, without a session on it. */
  'peer.add': z.object({
    peer: peerId,
    name: z.string().min(1).max(64).optional(),
    addrs: z.array(z.string().max(256)).max(16),
    relays: z.array(z.string().max(512)).max(8),
  }),
};
export type GrantCommands = { [K in keyof typeof grantCommands]: z.infer<(typeof grantCommands)[K]> };

/** To `node` of the worker, by a device that has a grant. */
export const hostedCommands = {
  /** Admits an agent: makes the hosted session `id`, with the device as its member, and starts the agent in it. The same again is the same as once. */
  'hosted.place': z.object({
    id: identifier,
    /** What the home is called, and its session. */
    node: z.string().min(1).max(64),
    session: identifier,
    name: z.string().min(1).max(64),
    agent: identifier,
    run: identifier,
    definition: definitionName,
    called: agentName,
    place: farPlace,
    args: z
      .array(z.string().max(128 * 1024))
      .max(256)
      .optional(),
    mode: z.string().max(1_024).optional(),
    model: z.string().max(1_024).optional(),
    /** It directs nobody, and gets no tools. */
    direct: z.literal(false).optional(),
    /** Under which epoch it is placed: the first lease is taken with it. */
    taker: identifier,
  }),
};
export type HostedCommands = { [K in keyof typeof hostedCommands]: z.infer<(typeof hostedCommands)[K]> };

/** To the hosted session, by the home's device. */
export const leaseCommands = {
  /**
   * Takes the lease: `epoch` must be the one after the present, refused `lease_lost` with the present one otherwise. Where another has taken the
   * present one, it must have run out first, unless it is the same device that took that. The same `{epoch, taker}` again is the same as once.
   */
  'lease.take': z.object({ epoch: z.int().min(1), taker: identifier }),
  'lease.give': z.object({ epoch: z.int().min(1) }),
  /**
   * The `n`th that home tells, under its epoch; refused `lease_lost` under another or none, `out_of_order` unless it is the next; told again, it is
   * the same as once. `type` is a command to a session about this agent (`prompt.queue`, `approval.answer` …), which is decided as such; or `home.answer`.
   */
  'home.tell': z.object({
    epoch: z.int().min(1),
    n: z.int().min(1),
    type: z.string().max(64),
    body: z.unknown(),
  }),
};
export type LeaseCommands = { [K in keyof typeof leaseCommands]: z.infer<(typeof leaseCommands)[K]> };

/** What `home.tell` says besides the agent's commands: the answer to what was asked (`home.asked`). */
export const homeAnswer = z.object({
  ask: z.string().min(1).max(64),
  error: z.object({ code: z.string().max(64), message: z.string().max(4_096) }).optional(),
  answer: z.unknown().optional(),
});
export type HomeAnswer = z.infer<typeof homeAnswer>;

/** The replies, checked before they are believed. */
export const hostedReplies = {
  'hosted.place': z.object({
    id: identifier,
    term: granted.term,
    away: granted.away,
    claims: granted.claims,
  }),
  /** `heard`: the last that any home told and was heard. */
  'lease.take': z.object({ epoch: z.int(), term: granted.term, heard: z.int().min(0) }),
  'home.tell': z.object({ n: z.int(), heard: z.int() }),
};
