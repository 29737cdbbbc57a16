/** The events of sessions and of the node: what each says, checked by zod, one definition for type and check. */
import * as z from 'zod';

const id = z.string().min(1).max(64);
const size = z.int().min(1).max(1000);

/** Events in a session's stream, `session:<id>`. */
export const sessionEvents = {
  'session.created': z.object({ id, name: z.string(), argv: z.array(z.string()), cwd: z.string() }),
  'session.renamed': z.object({ name: z.string() }),
  'session.removed': z.object({}),
  /** A run is about to be started; recorded before it is, so that a crash in between is found (H4). */
  'run.requested': z.object({ run: id, argv: z.array(z.string()), cwd: z.string(), cols: size, rows: size }),
  'run.started': z.object({ run: id, host: id, pid: z.int(), start: z.string() }),
  /** The program never ran. */
  'run.failed': z.object({ run: id, code: z.string(), message: z.string() }),
  'run.signalled': z.object({ run: id, signal: z.string() }),
  'run.exited': z.object({ run: id, code: z.int().nullable(), signal: z.int().nullable(), bytes: z.int() }),
  /** Its host ended without telling how the program did. */
  'run.lost': z.object({ run: id, why: z.string() }),
};
export type SessionEvents = { [K in keyof typeof sessionEvents]: z.infer<(typeof sessionEvents)[K]> };

/** Events in the node's own stream, `node`: an index of its sessions, and its own life. */
export const nodeEvents = {
  'node.started': z.object({ version: z.string(), pid: z.int() }),
  'session.added': z.object({ id, name: z.string(), argv: z.array(z.string()) }),
  'session.renamed': z.object({ id, name: z.string() }),
  'session.changed': z.object({
    id,
    state: z.enum(['starting', 'running', 'exited', 'failed', 'lost']),
    run: id,
  }),
  'session.removed': z.object({ id }),
  'log.damaged': z.object({ stream: z.string(), oldEpoch: z.int(), kept: z.int(), lost: z.int().nullable() }),
};
export type NodeEvents = { [K in keyof typeof nodeEvents]: z.infer<(typeof nodeEvents)[K]> };

/** An event as the log keeps it: `at` is in milliseconds since 1970, `by` who caused it. */
export interface StoredEvent {
  type: string;
  at: number;
  by: unknown;
  body: unknown;
}

/** An event to be stored. */
export type NewEvent<E> = { [K in keyof E & string]: { type: K; body: E[K] } }[keyof E & string];
