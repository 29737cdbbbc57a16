/** The commands about tasks: bodies and replies (zod). All are to the session (rules K1, N3). */
import * as z from 'zod';
import { definitionName } from '../agents/names.ts';
import { isShallow, TOO_DEEP } from '../deeper.ts';
import { identifier } from '../identifier.ts';
import {
  MAX_CHECK,
  MAX_DEADLINE_MS,
  MAX_NEEDS,
  MAX_REPORT,
  MAX_RETRIES,
  MAX_SLOTS,
  MAX_TASK_DATA,
  MAX_TASK_TEXT,
} from './limits.ts';

const task = identifier;

/** A JSON value of bounded size and depth. */
const data = z
  .unknown()
  .refine(isShallow, { ...TOO_DEEP, abort: true })
  .refine((value) => (JSON.stringify(value) ?? '').length <= MAX_TASK_DATA, {
    message: `may have ${MAX_TASK_DATA} characters as JSON; put more into a file and name that`,
  });

export const taskCommands = {
  /** Goes to the end of the session's queue. What it needs must be there already, so that no two can wait for each other. */
  'task.add': z
    .object({
      task,
      text: z.string().trim().min(1).max(MAX_TASK_TEXT),
      /** An agent of the session, or the definition of one, which is started if none is idle; any idle agent if neither is said. */
      to: identifier.optional(),
      definition: definitionName.optional(),
      /** Of an agent that is started for it: the PeerId of another machine; a workspace. */
      on: z.string().max(64).optional(),
      workspace: identifier.optional(),
      needs: z.array(identifier).max(MAX_NEEDS).default([]),
      /** However what it needs ends; else it fails when one of those does. */
      anyway: z.boolean().default(false),
      /** Milliseconds from now; then what is done for it is cancelled. */
      deadline: z.int().min(1_000).max(MAX_DEADLINE_MS).optional(),
      /** How often it is given again when nothing comes of it. */
      retries: z.int().min(0).max(MAX_RETRIES).default(0),
      /** By the machine's user alone. */
      check: z.string().trim().min(1).max(MAX_CHECK).optional(),
    })
    .refine(({ to, definition }) => to === undefined || definition === undefined, {
      message: 'an agent is named, or a kind of agent, not both',
      path: ['to'],
    })
    .refine(({ definition, on, workspace }) => definition !== undefined || (on ?? workspace) === undefined, {
      message: 'is for an agent that is started: say which definition',
      path: ['on'],
    })
    .refine(({ on, check }) => on === undefined || check === undefined, {
      message: 'runs on this machine: what is done on another is checked there, by the agent',
      path: ['check'],
    }),
  /** Ends it, and the turn that is for it. */
  'task.cancel': z.object({ task }),
  /** Begins one anew that has ended and is not done. */
  'task.retry': z.object({ task }),
  /** How many are worked on at a time. */
  'task.slots': z.object({ slots: z.int().min(1).max(MAX_SLOTS) }),
  /**
   * What has come of it. Of one that an agent works on it counts when the turn ends, and the last counts; another ends by it. An agent says so
   * of its own, and need not name it.
   */
  'task.report': z.object({
    task: task.optional(),
    ok: z.boolean().default(true),
    text: z.string().max(MAX_REPORT),
    data: data.optional(),
  }),
};
export type TaskCommands = { [K in keyof typeof taskCommands]: z.infer<(typeof taskCommands)[K]> };

/** The replies. Those of another node are checked by this before they are believed. */
export const taskReplies = {
  'task.add': z.object({ task: identifier, n: z.int() }),
  'task.cancel': z.object({ task: identifier, n: z.int() }),
  'task.retry': z.object({ task: identifier, n: z.int() }),
  'task.slots': z.object({ slots: z.int() }),
  'task.report': z.object({ task: identifier, n: z.int() }),
};
