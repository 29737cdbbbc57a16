/** The workspace that an agent or a program works in, as sessions tell it. */
import * as z from 'zod';
import { MAX_WORKSPACE_PATH } from './limits.ts';

export const placed = z.object({
  id: z.string().min(1).max(64),
  name: z.string(),
  /** Its directory, absolute and without links. */
  root: z.string().max(MAX_WORKSPACE_PATH),
});
export type PlacedIn = z.infer<typeof placed>;
