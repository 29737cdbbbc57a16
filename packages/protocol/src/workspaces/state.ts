/** What a workspace is, as a pure function of its events (rules L5, W1). */
import type { ComposeLabel } from '../compose/label.ts';
import type { Keyed } from '../keyed.ts';
import type { Hook, Source } from './commands.ts';
import type { WORKSPACE_STEPS, WorkspaceEvents, WorkspaceLife } from './events.ts';
import type { Holder, Strength } from './holder.ts';

export interface RunIn {
  run: string;
  session: string;
  agent: string | null;
  name: string;
  strength: Strength;
  /** Calls that were let through and have not ended. */
  calls: Record<string, Call>;
}

/** As `write.began` tells it: patterns of what it may write, and the claims that it is under. */
export interface Call {
  paths: string[];
  claims: string[];
}

export interface Claim {
  claim: string;
  globs: string[];
  holder: Holder;
  fence: number;
  /** Milliseconds. */
  lease: number;
  implicit: boolean;
  /** How often it was renewed. */
  n: number;
  /** Milliseconds since 1970. */
  at: number;
  by: unknown;
}

export interface Waiter extends Omit<Claim, 'fence' | 'implicit' | 'n'> {
  steal: string | null;
}

export type Conflict = WorkspaceEvents['conflict.found'] & { at: number };
export type Landing = WorkspaceEvents['landing.changed'] & { at: number; by: unknown };

export interface WorkspaceState {
  id: string;
  name: string;
  source: Source | null;
  root: string;
  strict: boolean;
  keep: 'always' | 'last';
  guard: boolean;
  setup: Hook | null;
  teardown: Hook | null;
  agent: WorkspaceEvents['workspace.created']['agent'];
  compose?: ComposeLabel | undefined;
  /** What was brought last from the machine that its agent runs on; absent of one whose agent runs here. */
  brought?: WorkspaceEvents['workspace.brought'] & { at: number };
  created: number;
  life: WorkspaceLife | 'none' | 'removed';
  /** While it is being removed: what it is again if it stays. */
  before: 'ready' | 'failed' | null;
  /** How far each part of its making or removing has come, as it was told last. */
  steps: Partial<Record<(typeof WORKSPACE_STEPS)[number], WorkspaceEvents['workspace.step']['state']>>;
  /** Why it has failed, or was not removed. */
  why: string | null;
  git: { branch: string | null; head: string | null } | null;
  folds: { case: boolean; unicode: boolean };
  /** By id. */
  runs: Record<string, RunIn>;
  /** The number that was given last. */
  fence: number;
  claims: Keyed<Claim>;
  /** In their order. */
  waiters: Waiter[];
  /** The newest, oldest first. */
  conflicts: Conflict[];
  landings: Landing[];
}
