/** What a client may ask about agents without changing anything that lasts: bodies (zod) and answers. */
import * as z from 'zod';
import type { Approval } from './state.ts';

const ref = z.string().min(1).max(128);

export const agentAsks = {
  /**
   * The questions that wait for an answer, of every session that the one who asks may see, or of one. With `since` (the `n`
   * of an earlier answer) it waits until they are others, `wait` milliseconds at most.
   */
  approvals: z.object({
    ref: ref.optional(),
    since: z.int().min(0).optional(),
    wait: z.int().min(0).max(60_000).optional(),
  }),
  /** Hands over bytes too many for a command, piece after piece; the command names the handle. Kept for minutes. */
  upload: z.object({ ref, handle: z.string().max(64).optional(), bytes: z.instanceof(Uint8Array) }),
};

/** A question that waits, with the session and agent that it is of. */
export interface WaitingApproval extends Omit<Approval, 'answered'> {
  session: string;
  sessionName: string;
  agentName: string;
  /** Whether the one who asks may answer. */
  yours: boolean;
}

export interface AgentAsks {
  approvals: {
    body: z.infer<typeof agentAsks.approvals>;
    /** `n` changes whenever the list does. */
    answer: { n: number; approvals: WaitingApproval[] };
  };
  upload: { body: z.infer<typeof agentAsks.upload>; answer: { handle: string; size: number } };
}
