/** What a client may ask about agents without changing anything that lasts: bodies (zod) and answers. */
import * as z from 'zod';
import type { ErrorCode } from '../errors.ts';
import { MAX_AGENT_PATH } from './limits.ts';
import type { Approval } from './state.ts';

const ref = z.string().min(1).max(128);

export const agentAsks = {
  /**
   * The agents that can be started: those that come with Skein, the user's, and those of the workspace that `cwd` is in.
   * Programs are looked for on `path`, a PATH; by default the node's own.
   */
  agents: z.object({
    cwd: z.string().min(1).max(MAX_AGENT_PATH).optional(),
    path: z
      .string()
      .max(128 * 1024)
      .optional(),
  }),
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

/** An agent that can be started. */
export interface ListedDefinition {
  name: string;
  driver: string;
  /** Whether its program is there, and what it calls its version; null where it was not asked or does not tell. */
  found: boolean;
  version: string | null;
  /** The program that is run, and where it was found. */
  command: string;
  path: string | null;
  /** `built-in`, or the file that it is from. */
  source: string;
  /** Where the definition of the same name lies that it takes the place of. */
  instead?: string;
  title?: string;
  /** What to do when its program is missing. */
  install?: string;
  /** Why it cannot be used: its file is wrong (with line and column), or its workspace is not trusted. */
  problem?: { code: ErrorCode; message: string; line?: number; column?: number };
}

export interface AgentAsks {
  agents: { body: z.infer<typeof agentAsks.agents>; answer: ListedDefinition[] };
  approvals: {
    body: z.infer<typeof agentAsks.approvals>;
    /** `n` changes whenever the list does. */
    answer: { n: number; approvals: WaitingApproval[] };
  };
  upload: { body: z.infer<typeof agentAsks.upload>; answer: { handle: string; size: number } };
}
