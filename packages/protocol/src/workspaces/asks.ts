/** What a client may ask about workspaces without changing anything that lasts: bodies (zod) and answers. */
import * as z from 'zod';
import type { ComposeLabel } from '../compose/label.ts';
import { identifier } from '../identifier.ts';
import { gitRef, type Hook, type Source } from './commands.ts';
import type { WorkspaceLife } from './events.ts';
import type { Holder } from './holder.ts';
import type { Conflict, Landing, RunIn } from './state.ts';

/** A workspace's name or id; or an absolute path in one. */
const workspace = z.string().min(1).max(4_096);

export const workspaceAsks = {
  workspaces: z.object({}),
  workspace: z.object({ workspace }),
  /** Waits until it is ready, failed or gone; `timeout` in milliseconds. */
  prepared: z.object({ workspace, timeout: z.int().min(0).max(3_600_000).optional() }),
  /** Who holds what; with `within`, what overlaps one of these patterns. */
  claims: z.object({ workspace, within: z.array(z.string().max(4_096)).max(64).optional() }),
  /** Waits until a claim that waits is held or dropped, `wait` milliseconds at most; it is kept waiting by being asked for. */
  awaited: z.object({ workspace, claim: z.string().max(64), wait: z.int().min(0).max(30_000) }),
  /** What a worktree, or a workspace, has that its base does not. */
  /** `onto`: the branch that it is to land on; unless it is given, the one that its base is on. */
  /** Asked before a commit: which of these paths, relative to a tree's root, others hold. `run`: whose shell it is made in. */
  committing: z.object({
    root: z.string().min(1).max(4_096),
    paths: z.array(z.string().min(1).max(4_096)).max(1_000),
    run: identifier.optional(),
  }),
  changes: z.object({ workspace, stat: z.boolean().default(false), onto: gitRef.optional() }),
};

/** A path that is committed and somebody else holds. */
export interface Committing {
  path: string;
  /** The same, relative to the workspace; absent of older builds. */
  within?: string;
  /** The workspace's name. */
  workspace: string;
  holder: Holder;
}

export interface ListedWorkspace {
  id: string;
  name: string;
  kind: Source['kind'];
  root: string;
  life: WorkspaceLife;
  /** The workspace that it is a worktree of. */
  of: string | null;
  created: number;
  runs: number;
  claims: number;
  compose?: ComposeLabel | undefined;
}

export interface ListedClaim {
  claim: string;
  globs: string[];
  holder: Holder;
  /** Null while it waits. */
  fence: number | null;
  implicit: boolean;
  /** Milliseconds since 1970: when its lease ends unless it is renewed; null while it waits. */
  until: number | null;
  since: number;
  /** How many wait before it. */
  before: number;
  /** Calls under it that have not ended. */
  writing: number;
}

export interface WorkspaceShown extends ListedWorkspace {
  source: Source;
  strict: boolean;
  keep: 'always' | 'last';
  setup: Hook | null;
  teardown: Hook | null;
  /** Why it has failed, or was not removed. */
  why: string | null;
  /** What is being done to make or remove it: git's own words, or a hook's. */
  doing: string | null;
  git: { branch: string | null; head: string | null } | null;
  inside: RunIn[];
  held: ListedClaim[];
  conflicts: Conflict[];
  landings: Landing[];
  /** Of a tree whose agent runs on another machine: what was brought last. */
  brought?: Omit<Fresh, 'why'>;
  /** How what comes round all this is seen: whether its watcher is at work, and why not. */
  watched: { on: boolean; why: string | null };
}

/** Of a file: lines added and removed, null for what is no text. */
export interface ChangedFile {
  path: string;
  added: number | null;
  removed: number | null;
}

/** How fresh a tree is whose agent runs on another machine. */
export interface Fresh {
  /** What that machine is called. */
  node: string;
  /** When its tree was looked at last and brought here, milliseconds since 1970. */
  at: number;
  /** What it was in the middle of: a merge, a rebase …; null for nothing. */
  doing: string | null;
  /** Some of the paths that could not come along. */
  left: string[];
  /** Why it is not brought now; null for what is as it is there. */
  why: string | null;
}

/** What a tree has that its base has not; without the workspace, of a directory. */
export interface Changes {
  /** What the tree is on and at; null for none. */
  branch: string | null;
  head: string | null;
  /** The branch that it would land on; null for a tree that lands nowhere: then only what is not committed is told. */
  onto: string | null;
  /** The commit that it is compared with; null for none. */
  from: string | null;
  /** That are not in `onto`, the newest first. */
  commits: { hash: string; subject: string }[];
  files: ChangedFile[];
  /** Some of the repositories that lie in it and are no submodules: nothing of what is in them is told, and none lands. */
  nested?: string[];
  /** As git writes it; with `stat` as a table of files. */
  diff: string;
  /** There is more of it than is told. */
  cut: boolean;
}

export interface WorkspaceAsks {
  committing: { body: z.infer<typeof workspaceAsks.committing>; answer: Committing[] };
  workspaces: { body: z.infer<typeof workspaceAsks.workspaces>; answer: ListedWorkspace[] };
  workspace: { body: z.infer<typeof workspaceAsks.workspace>; answer: WorkspaceShown };
  prepared: { body: z.infer<typeof workspaceAsks.prepared>; answer: WorkspaceShown };
  claims: {
    body: z.infer<typeof workspaceAsks.claims>;
    answer: { id: string; name: string; claims: ListedClaim[] };
  };
  awaited: { body: z.infer<typeof workspaceAsks.awaited>; answer: ListedClaim | null };
  changes: {
    body: z.input<typeof workspaceAsks.changes>;
    answer: Changes & { workspace: { id: string; name: string; root: string }; brought?: Fresh };
  };
}
