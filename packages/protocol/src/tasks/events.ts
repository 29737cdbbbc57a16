/** The events of tasks, in the session's stream: one definition for type and check (rule N3). */
import * as z from 'zod';
import { definitionName } from '../agents/names.ts';
import { MAX_CHECK, MAX_NEEDS, MAX_REPORT, MAX_SLOTS, MAX_TASK_TEXT, MAX_WHY } from './limits.ts';

const id = z.string().min(1).max(64);
const task = id;
const attempt = z.int().min(1);
const why = z.string().max(MAX_WHY);

/** How a task ends. */
export const TASK_ENDS = ['done', 'failed', 'cancelled', 'late'] as const;

export const taskEvents = {
  'task.added': z.object({
    task,
    /** Its number in the session, from 1. */
    n: z.int().min(1),
    text: z.string().max(MAX_TASK_TEXT),
    /** The agent that is to do it, or what kind of agent; any that is there if neither is said. */
    to: id.optional(),
    definition: definitionName.optional(),
    /** For an agent that is started for it: the machine (a PeerId) and the workspace. */
    on: id.optional(),
    workspace: id.optional(),
    /** Tasks that end before; `anyway`: however they end. */
    needs: z.array(id).max(MAX_NEEDS),
    anyway: z.boolean(),
    /** Milliseconds that it has from its adding, and when they are over. */
    deadline: z.int().optional(),
    due: z.int().optional(),
    retries: z.int(),
    /** A shell command that must succeed where the agent works, for it to be done. */
    check: z.string().max(MAX_CHECK).optional(),
  }),
  'task.slots': z.object({ slots: z.int().min(1).max(MAX_SLOTS) }),
  /**
   * It is an agent's from now on, to be asked by that prompt, whose `prompt.queued` follows as soon as the agent is there. `run`: the agent is
   * started for it.
   */
  'task.given': z.object({ task, attempt, agent: id, prompt: id, run: id.optional() }),
  /** What its agent, or somebody else, says has come of it; the last counts. */
  'task.reported': z.object({
    task,
    ok: z.boolean(),
    text: z.string().max(MAX_REPORT),
    data: z.unknown().optional(),
  }),
  /** Its agent has done its part, and the check is run. */
  'task.checking': z.object({ task, attempt }),
  /** The attempt came to nothing; it is given again. */
  'task.retrying': z.object({ task, attempt, why }),
  'task.ended': z.object({ task, state: z.enum(TASK_ENDS), why: why.optional() }),
  /** One that had ended is begun anew, as if it had just been added. */
  'task.again': z.object({ task, due: z.int().optional() }),
};
export type TaskEvents = { [K in keyof typeof taskEvents]: z.infer<(typeof taskEvents)[K]> };
