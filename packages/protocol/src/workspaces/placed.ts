/** The workspace that an agent or a program works in, as sessions tell it. */
import * as z from 'zod';
import { MAX_GLOBS, MAX_WORKSPACE_PATH } from './limits.ts';

export const placed = z.object({
  id: z.string().min(1).max(64),
  name: z.string(),
  /** Its directory, absolute and without links. */
  root: z.string().max(MAX_WORKSPACE_PATH),
});
/** By which claim a run in a sandbox may write, and what (W4); patterns as patterns.ts writes them. */
export const sandboxClaim = z.object({
  claim: z.string().min(1).max(64),
  globs: z.array(z.string().min(1).max(MAX_WORKSPACE_PATH)).max(MAX_GLOBS),
});
export type SandboxClaim = z.infer<typeof sandboxClaim>;

export type PlacedIn = z.infer<typeof placed>;
