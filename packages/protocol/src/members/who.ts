/** Who does something, as events name them in `by`. It always comes from the channel, never from a message (rule K1). */
import * as z from 'zod';

export const who = z.union([
  /** The machine's user, on the local socket. */
  z.object({ kind: z.literal('owner'), via: z.literal('local') }),
  /** A member of the session, and the device (a PeerId) that they did it from. */
  z.object({
    kind: z.literal('member'),
    member: z.string().max(64),
    name: z.string().max(64),
    device: z.string().max(64),
  }),
  /** A device that is not a member's yet. */
  z.object({ kind: z.literal('device'), device: z.string().max(64) }),
  /** An agent, by the capability that its node has given it: within the session that it belongs to. */
  z.object({
    kind: z.literal('agent'),
    session: z.string().max(64),
    agent: z.string().max(64),
    /** What it was called then. */
    name: z.string().max(256),
  }),
  /** The node itself. */
  z.object({ kind: z.literal('node') }),
]);
export type Who = z.infer<typeof who>;

/** Whether they are the same, whatever they are called now. */
export function sameWho(a: Who | null, b: Who | null): boolean {
  if (a?.kind === 'member') return b?.kind === 'member' && a.device === b.device && a.member === b.member;
  if (a?.kind === 'agent') return b?.kind === 'agent' && a.agent === b.agent;
  if (a?.kind === 'device') return b?.kind === 'device' && a.device === b.device;
  return a?.kind === b?.kind;
}

/** The machine's user. */
export const LOCAL_OWNER = { kind: 'owner', via: 'local' } as const satisfies Who;

/** The node, when it acts by itself. */
export const NODE_ITSELF = { kind: 'node' } as const satisfies Who;
