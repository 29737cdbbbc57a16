/** The commands that change sessions: their bodies (zod) and replies. Targets are `node` and `session:<id>` (rule K1). */
import * as z from 'zod';
import { MAX_NAME, MAX_SIZE, MIN_COLS, MIN_ROWS } from '../limits.ts';
import { SIGNALS } from './signals.ts';

/** A session's name: a letter or digit first, then letters, digits, `.`, `_`, `-`. */
export const sessionName = z
  .string()
  .max(MAX_NAME)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u);
export const columns = z.int().min(MIN_COLS).max(MAX_SIZE);
export const rows = z.int().min(MIN_ROWS).max(MAX_SIZE);

const argument = z
  .string()
  .max(128 * 1024)
  .refine((s) => !s.includes('\0'), 'must not contain NUL');

/** Commands to the node. */
export const nodeCommands = {
  /** Creates a session and starts its program. The environment is handed over separately: it never enters the log. */
  'session.create': z.object({
    id: z.string().regex(/^[a-z2-7]{12}$/),
    run: z.string().regex(/^[a-z2-7]{12}$/),
    name: sessionName.optional(),
    argv: z.array(argument).min(1).max(4096),
    cwd: z.string().min(1).max(4096),
    cols: columns,
    rows,
    /** Handle of an environment given by the ask `env`. */
    env: z.string().max(64).optional(),
  }),
  'session.rename': z.object({ id: z.string(), name: sessionName }),
  /** Forgets an ended session. With `purge` its events, output and receipts are removed from the disk as well. */
  'session.remove': z.object({ id: z.string(), purge: z.boolean() }),
};
export type NodeCommands = { [K in keyof typeof nodeCommands]: z.infer<(typeof nodeCommands)[K]> };

/** Commands to a session. */
export const sessionCommands = {
  /** Sends a signal to the program's process group; with `grace` (ms) SIGKILL follows if it still runs by then. */
  'run.signal': z.object({
    signal: z.enum(SIGNALS),
    grace: z.int().min(0).max(600_000).optional(),
  }),
};
export type SessionCommands = { [K in keyof typeof sessionCommands]: z.infer<(typeof sessionCommands)[K]> };

export type Commands = NodeCommands & SessionCommands;
