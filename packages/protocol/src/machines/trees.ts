/**
 * How a repository's work goes from home to the machine where an agent works on it, and comes back: what is asked of that machine,
 * bodies (zod) and answers (rules X4, W5). All of it is git's own bundles, in pieces, and may be begun again after a cut.
 *
 * Over: `handing` (what of the repository is there already?), `hand` (a piece of a bundle of the rest), `handed` (all of it is there:
 * it is looked through and taken), then `hosted.place`. Back: `tree` (what does the agent's tree have that home has not?), `treePart`
 * (a piece of that bundle), `treeKept` (home has it).
 */
import * as z from 'zod';
import { identifier } from '../identifier.ts';
import { commit } from '../workspaces/commands.ts';
import { MAX_BASIS, MAX_BUNDLE, MAX_PIECE } from './limits.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Home's workspace. */
const workspace = identifier;
const ref = z.string().min(1).max(64);

export const treeAsks = {
  /** Which of these commits are there already, of what this home has handed over of this workspace before. */
  handing: z.object({ workspace, commits: z.array(commit).max(MAX_BASIS) }),
  /** Bytes from `offset` on of a bundle, known by the SHA-256 of the whole. Answers how many are there: with none given, where to go on. */
  hand: z.object({
    workspace,
    bundle: sha256,
    size: z.int().min(1).max(MAX_BUNDLE),
    offset: z.int().min(0),
    bytes: z.instanceof(Uint8Array).refine((bytes) => bytes.length <= MAX_PIECE, 'is too long'),
  }),
  /** The bundle is whole: `tip` is what it brings. Twice is the same as once. */
  handed: z.object({ workspace, bundle: sha256, tip: commit }),
  /** What the tree of a hosted session's agent holds now, committed or not; bundled, but for what these commits hold. */
  tree: z.object({ ref, has: z.array(commit).max(MAX_BASIS) }),
  treePart: z.object({ ref, bundle: sha256, offset: z.int().min(0) }),
  /** Home has this one: what it holds is not lost with this machine. */
  treeKept: z.object({ ref, tip: commit }),
  /**
   * Home has committed what was not, and landed that: as long as the tree still holds just `tip`, its branch goes on from `to`, which has been
   * handed over, holds the same files, and is on top of the same commit. No file is touched.
   */
  treeCommit: z.object({ ref, tip: commit, to: commit }),
};

/** What a tree holds. */
export const treeHeld = z.object({
  /** The last commit of the agent's. */
  head: commit,
  /** A commit of all that is there, on top of that one; the same as `head` when nothing else is. */
  tip: commit,
  /** The branch that it is on there; null for none. */
  branch: z.string().max(256).nullable(),
  /** It is in the middle of a merge, a rebase …; null for nothing. */
  doing: z.string().max(64).nullable(),
  /** Paths, some of them, that could not come along: repositories within. */
  left: z.array(z.string().max(4_096)).max(100),
  /** Null when home has all of it. */
  bundle: z.object({ hash: sha256, size: z.int().min(1).max(MAX_BUNDLE) }).nullable(),
});
export type TreeHeld = z.infer<typeof treeHeld>;

/** The answers of another machine, checked before they are believed. */
export const treeAnswers = {
  handing: z.object({ has: z.array(commit).max(MAX_BASIS) }),
  hand: z.object({ size: z.int().min(0).max(MAX_BUNDLE) }),
  handed: z.object({ tip: commit }),
  tree: treeHeld,
  treePart: z.object({
    bytes: z.instanceof(Uint8Array).refine((bytes) => bytes.length <= MAX_PIECE, 'is too long'),
  }),
  treeKept: z.object({}),
  treeCommit: z.object({ done: z.boolean() }),
};

export type TreeAsks = {
  [K in keyof typeof treeAsks]: {
    body: z.infer<(typeof treeAsks)[K]>;
    answer: z.infer<(typeof treeAnswers)[K]>;
  };
};
