/** Where an agent is to work on another machine (rule X1): as its home's user says it, and as it is handed over. */
import * as z from 'zod';
import { identifier } from '../identifier.ts';
import { gitRef } from '../workspaces/commands.ts';

/** A directory of the worker's, absolute or below its user's home as `~/…`. */
const dir = z.object({ dir: z.string().min(1).max(4_096) });
/** An empty workspace made for it. */
const scratch = z.object({ scratch: z.literal(true) });

/** Without either, and with a `workspace` of home's, it gets a clone of that. */
export const farPlaceWanted = z.union([dir, scratch]);

export const farPlace = z.union([
  dir,
  scratch,
  /**
   * A workspace made for it of a repository that home hands over: `upload` is a handle to a git bundle, `head` the commit to begin at,
   * `branch` what its branch is called.
   */
  z.object({
    upload: z.string().max(64),
    head: z.string().regex(/^[0-9a-f]{40,64}$/),
    branch: gitRef,
    /** Home's workspace: what is claimed there is asked of home. */
    workspace: identifier,
    name: z.string().max(64),
  }),
]);
export type FarPlace = z.infer<typeof farPlace>;
