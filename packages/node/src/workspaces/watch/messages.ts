/** What the node and the worker that watches say to each other. */
import type { ErrorBody } from '@skein/protocol/errors';
import type { Written } from './looking.ts';
import type { ClaimedGlobs } from './tree.ts';

export type ToWorker =
  | {
      type: 'watch';
      workspace: string;
      /** Absolute and without links. */
      root: string;
      folds: { case: boolean; unicode: boolean };
    }
  /** Those that are held since, and those that are not any more. */
  | { type: 'claims'; workspace: string; added: ClaimedGlobs[]; removed: ClaimedGlobs[] }
  | { type: 'forget'; workspace: string };

export type FromWorker =
  /** `claims` by the place in `written`: those that the path was under when it was looked at. */
  | { type: 'written'; workspace: string; written: (Written & { claims: string[] })[] }
  /** What is claimed is known and watched; how many directories that takes. */
  | { type: 'watching'; workspace: string; directories: number }
  /** The system may have dropped something; all that is claimed has been looked at again since. */
  | { type: 'missed'; workspace: string }
  /** It is not watched any more. */
  | { type: 'off'; workspace: string; error: ErrorBody };
