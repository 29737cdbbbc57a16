/** What a worker asks of home before an agent writes in what home has handed over (rule W6): the body of `home.asked` of kind `claim`. */
import * as z from 'zod';
import { MAX_PATHS, MAX_WORKSPACE_PATH } from '../workspaces/limits.ts';

/** Patterns of what is to be written, relative to the tree's root, its links followed there. Answered by yes, or `claimed` and why in words. */
export const HOME_CLAIM = z.object({
  paths: z.array(z.string().min(1).max(MAX_WORKSPACE_PATH)).min(1).max(MAX_PATHS),
});
export type HomeClaim = z.infer<typeof HOME_CLAIM>;
