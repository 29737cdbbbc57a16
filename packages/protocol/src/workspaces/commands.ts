/** The commands that change workspaces and claims: their bodies and replies (zod). To `node`, or to `workspace/<id>` (rule K1). */
import * as z from 'zod';
import { composeLabel } from '../compose/label.ts';
import { identifier } from '../identifier.ts';
import { MAX_NAME } from '../limits.ts';
import { systemText } from '../system-text.ts';
import {
  HOOK_MS,
  MAX_GLOBS,
  MAX_HOOK,
  MAX_HOOK_MS,
  MAX_LANDING_WORDS,
  MAX_LEASE_MS,
  MAX_REF,
  MAX_URL,
  MAX_WORKSPACE_PATH,
  MIN_LEASE_MS,
} from './limits.ts';
import { urlProblem } from './url.ts';

/** What a workspace is called: as a session is. */
export const workspaceName = z
  .string()
  .max(MAX_NAME)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u);

const text = (most: number) => systemText(most).min(1);
/** A branch, a tag or a commit; never what git would take for an option. */
export const gitRef = text(MAX_REF).refine((s) => !s.startsWith('-'), 'must not begin with "-"');

/** A commit's whole name. */
export const commit = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);

/** A line of `sh`, run in the workspace, and how long it may take in milliseconds. */
export const hook = z.object({
  command: text(MAX_HOOK),
  timeout: z.int().min(1).max(MAX_HOOK_MS).default(HOOK_MS),
});
export type Hook = z.infer<typeof hook>;

/** Where a workspace's files may be asked to come from. */
const asked = [
  z.object({
    kind: z.literal('git'),
    /** Holds no secret: url.ts. */
    url: text(MAX_URL).superRefine((url, ctx) => {
      const problem = urlProblem(url);
      if (problem !== undefined) ctx.addIssue({ code: 'custom', message: problem });
    }),
    ref: gitRef.optional(),
    depth: z.int().min(1).max(1_000_000).optional(),
  }),
  /** A directory of the user's, which is never removed. Absolute. */
  z.object({ kind: z.literal('local'), dir: text(MAX_WORKSPACE_PATH) }),
  z.object({ kind: z.literal('scratch') }),
  /** A worktree of another workspace's repository (its id), on a branch of its own. */
  z.object({ kind: z.literal('worktree'), of: identifier, branch: gitRef.optional() }),
] as const;
const askedSource = z.discriminatedUnion('kind', asked);
/** Where they come from: besides, from another machine, whose agent works here (X1). */
export const source = z.discriminatedUnion('kind', [
  ...asked,
  /** A branch of a workspace of that machine, which has handed it over. */
  z.object({
    kind: z.literal('handed'),
    /** Its PeerId, and what it is called. */
    home: z.string().min(1).max(64),
    node: z.string().max(64),
    /** That workspace of its own, by which its repository is known here. */
    workspace: identifier,
    /** The commit to begin at, and what the branch is called here. */
    head: commit,
    branch: gitRef,
  }),
]);
export type AskedSource = z.infer<typeof askedSource>;
export type Source = z.infer<typeof source>;

/** A pattern of paths as it is given; patterns.ts says which there are. */
const glob = text(MAX_WORKSPACE_PATH);
/** Whose the claim is to be; whoever gives the command when it is absent. */
const holderRef = z.object({ run: identifier });

/** Commands to the node. */
export const workspaceNodeCommands = {
  'workspace.create': z.object({
    id: identifier,
    name: workspaceName.optional(),
    source: askedSource,
    /** A write needs a claim that was asked for before; else the first write takes one. */
    strict: z.boolean().default(false),
    /** `last`: it is removed when the last run in it has ended; never a local directory. */
    keep: z.enum(['always', 'last']).default('always'),
    /** A pre-commit hook keeps commits from what others have claimed; in a clone unless it is said. A worktree's is that of its repository. */
    guard: z.boolean().optional(),
    setup: hook.optional(),
    teardown: hook.optional(),
    compose: composeLabel.optional(),
  }),
};

/** Commands to a workspace. */
export const workspaceCommands = {
  /** Refused while runs are in it, or while it holds work that is nowhere else, unless `force`. */
  'workspace.remove': z.object({ force: z.boolean().default(false) }),
  'claim.take': z.object({
    claim: identifier,
    globs: z.array(glob).min(1).max(MAX_GLOBS),
    for: holderRef.optional(),
    /** Milliseconds. */
    lease: z.int().min(MIN_LEASE_MS).max(MAX_LEASE_MS).optional(),
    /** It waits its turn instead of being refused. */
    wait: z.boolean().default(false),
    /** Takes it from whoever holds it; a run that may be writing is ended first. */
    steal: z.object({ reason: text(1_024) }).optional(),
  }),
  /** All of the holder's when neither is given; `globs` cuts nothing in two: it means claims that lie within them. */
  'claim.release': z.object({
    claims: z.array(identifier).max(1_000).optional(),
    globs: z.array(glob).max(MAX_GLOBS).optional(),
    for: holderRef.optional(),
  }),
  /** A full lease from now on, for a person's claim. */
  'claim.renew': z.object({ claim: identifier }),
  /** Brings what a worktree of this workspace has onto a branch of it (W5). */
  'landing.begin': z.object({
    landing: identifier,
    /** The worktree's workspace. */
    from: identifier,
    /** The branch that the workspace is on unless given. */
    onto: gitRef.optional(),
    how: z.enum(['rebase', 'merge']).default('rebase'),
    /** Run on the result before anything of the branch changes. */
    check: hook.optional(),
    /** Of a tree whose agent runs on another machine: what was brought from there last, without asking it. */
    brought: z.boolean().optional(),
    /** What the commit says that is made of what is not committed, or of a merge. */
    message: text(MAX_LANDING_WORDS).optional(),
  }),
  /** Takes a landing back: the branch is as it was, if nothing came after it; else by a commit that undoes it. */
  'landing.undo': z.object({ landing: identifier }),
  /** Ends a landing that waits or runs. */
  'landing.cancel': z.object({ landing: identifier }),
};
export type WorkspaceNodeCommands = {
  [K in keyof typeof workspaceNodeCommands]: z.infer<(typeof workspaceNodeCommands)[K]>;
};
export type WorkspaceCommands = {
  [K in keyof typeof workspaceCommands]: z.infer<(typeof workspaceCommands)[K]>;
};

const landingReply = z.object({
  landing: identifier,
  /** Landings before it. */
  before: z.int(),
  /** Of the workspace's stream: what comes of it is told after that. */
  offset: z.int(),
});

/** The replies. */
export const workspaceReplies = {
  'workspace.create': z.object({ id: identifier, name: workspaceName }),
  'claim.take': z.object({
    claim: identifier,
    /** Null while it waits. */
    fence: z.int().nullable(),
    /** How many wait before it; 0 for one that is held. */
    before: z.int(),
    globs: z.array(z.string()),
    /** Milliseconds of its lease. */
    lease: z.int(),
  }),
  'claim.release': z.object({ released: z.array(identifier) }),
  'landing.begin': landingReply,
  'landing.undo': landingReply,
};
