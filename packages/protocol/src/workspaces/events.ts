/** The events of a workspace's stream, `workspace/<id>`, and what sessions and the node are told of it; one definition for type and check. */
import * as z from 'zod';
import { MAX_AGENT_ID } from '../agents/limits.ts';
import { composeLabel } from '../compose/label.ts';
import { commit, hook, source, workspaceName } from './commands.ts';
import { holder, strength } from './holder.ts';
import {
  MAX_GLOBS,
  MAX_HOOK_OUTPUT,
  MAX_LANDING_WORDS,
  MAX_PATHS,
  MAX_TOLD,
  MAX_WORKSPACE_PATH,
  MAX_WRITERS,
} from './limits.ts';

const id = z.string().min(1).max(64);
/** Of an agent's tool, as the agent calls it. */
const call = z.string().max(MAX_AGENT_ID);
const path = z.string().max(MAX_WORKSPACE_PATH);
/** As patterns.ts writes them. */
const globs = z.array(path).max(MAX_GLOBS);
const message = z.string().max(4_096);
const why = z.enum(['released', 'turn', 'ended', 'expired', 'stolen', 'removed']);
export type ReleaseWhy = z.infer<typeof why>;

export const WORKSPACE_STEPS = ['fetch', 'setup', 'guard', 'teardown', 'remove'] as const;

/** `held` by somebody else; `strict`: not claimed before; `stale`: changed since it was read; `unclear`: where it leads cannot be told; `git`: its repository's own. */
export const REFUSALS = ['held', 'strict', 'stale', 'unclear', 'git'] as const;
export type RefusalWhy = (typeof REFUSALS)[number];

export const LANDING_STATES = ['waiting', 'running', 'landed', 'stopped', 'undone'] as const;

/** What is done of it: what is not committed is, it is brought onto the branch aside, checked there, and then the branch moves. */
export const LANDING_STEPS = ['commit', 'bring', 'check', 'move', 'undo'] as const;

/** Where a landing stands. Commits are whole hashes. */
const landing = {
  landing: id,
  state: z.enum(LANDING_STATES),
  /** While it runs, or waits to be undone. */
  step: z.enum(LANDING_STEPS).nullable(),
  /** The worktree's workspace, its branch, and the branch it is to land on; empty until they are known. */
  from: id,
  fromName: z.string(),
  branch: z.string(),
  onto: z.string(),
  how: z.enum(['rebase', 'merge']),
  /** What that branch was at before, and is at since. */
  before: z.string().nullable(),
  after: z.string().nullable(),
  /** What the worktree's own branch was at. */
  head: z.string().nullable(),
  commits: z.int().min(0),
  /** Why it stopped, for people; and what in: paths that both have changed. */
  message: message.nullable(),
  paths: z.array(path).max(100),
  /** It stopped because the branch has all of it already: nobody has to do anything about that. */
  nothing: z.literal(true).optional(),
};

export const workspaceEvents = {
  'workspace.created': z.object({
    id,
    name: workspaceName,
    source,
    /** Its directory, absolute and without links. */
    root: path,
    strict: z.boolean(),
    keep: z.enum(['always', 'last']),
    /** Commits in it are guarded. */
    guard: z.boolean().default(false),
    setup: hook.nullable(),
    teardown: hook.nullable(),
    /** Whose landing or agent it was made for; null for people. */
    agent: z
      .object({
        session: id,
        agent: id,
        /** PeerId of the machine that it runs on, when that is another one. */
        on: id.optional(),
      })
      .nullable(),
    compose: composeLabel.optional(),
  }),
  /** A part of its making or removing; `output` is the last of what was printed. */
  'workspace.step': z.object({
    step: z.enum(WORKSPACE_STEPS),
    state: z.enum(['begun', 'done', 'failed']),
    code: z.int().nullable(),
    output: z.string().max(MAX_HOOK_OUTPUT),
  }),
  'workspace.ready': z.object({
    /** Of a repository: the branch it is on, null if on none; its commit, null while there is none. */
    git: z.object({ branch: z.string().nullable(), head: z.string().nullable() }).nullable(),
    /** Whether its disk takes names that differ in case, or in their Unicode form, for the same. */
    folds: z.object({ case: z.boolean(), unicode: z.boolean() }),
  }),
  'workspace.failed': z.object({ code: z.string().max(64), message }),
  /** It is being removed: no run can enter it any more. */
  'workspace.removing': z.object({}),
  /** Of a worktree whose agent runs on another machine: what that one's tree held has been brought into it. */
  'workspace.brought': z.object({
    head: commit,
    /** A commit of all that was there, on top of `head`; the same when nothing else was. */
    tip: commit,
    /** The machine's name here. */
    node: z.string().max(64),
    /** It was in the middle of a merge, a rebase …; null for nothing. */
    doing: z.string().max(64).nullable(),
    /** Some of the paths that could not come along. */
    left: z.array(path).max(100),
  }),
  /** It was to be removed and is not, since it holds what is nowhere else, or since that failed: it is what it was before. */
  'workspace.kept': z.object({ code: z.string().max(64), message }),
  'workspace.removed': z.object({}),

  /** A program, or an agent's process, works in it from now on. */
  'run.entered': z.object({ run: id, session: id, agent: id.nullable(), name: z.string(), strength }),
  'run.left': z.object({ run: id }),

  'claim.taken': z.object({
    claim: id,
    globs,
    holder,
    /** Grows with every claim of this workspace, and never comes again. */
    fence: z.int().min(1),
    /** Milliseconds. */
    lease: z.int(),
    /** By a write, not asked for. */
    implicit: z.boolean(),
  }),
  'claim.waiting': z.object({
    claim: id,
    globs,
    holder,
    lease: z.int(),
    /** It is being taken from those who hold it, whose runs are ended first. */
    steal: z.string().nullable(),
  }),
  /** One that waited will not be had. */
  'claim.dropped': z.object({ claim: id, why: message }),
  /** Its lease begins anew, and is as long as this. */
  'claim.renewed': z.object({ claim: id, lease: z.int() }),
  'claim.released': z.object({ claim: id, fence: z.int(), why, reason: message.optional() }),
  /** A tool call under these claims has been let through, and has not ended: they are not granted to anybody else until it has. */
  'write.began': z.object({ run: id, call, paths: z.array(path).max(MAX_PATHS), claims: z.array(id) }),
  'write.ended': z.object({ run: id, call }),

  /** Something was written that nobody had let through. `writers` are those that may have. */
  'conflict.found': z.object({
    conflict: id,
    path,
    what: z.enum(['created', 'changed', 'removed']),
    /** Whose claim it lies under, with its number. */
    holder,
    claim: id,
    writers: z
      .array(z.object({ run: id, session: id, agent: id.nullable(), name: z.string() }))
      .max(MAX_WRITERS),
    /** Further paths of the same holder's that were written at about the same time. */
    also: z.int().min(0),
  }),

  'landing.changed': z.object({
    ...landing,
    /** The worktree's directory. */
    fromRoot: path,
    check: hook.nullable(),
    /** It takes what was brought last from the machine of its agent, without asking that. */
    brought: z.boolean().optional(),
    /** What its commit is to say; null for words of our own. */
    words: z.string().max(MAX_LANDING_WORDS).nullable(),
    /** The last of what the check printed, or what refused to commit. */
    output: z.string().max(MAX_HOOK_OUTPUT),
    /** Somebody wants it to end. */
    cancelled: z.boolean(),
    /** Whose sessions are told. */
    told: z.array(z.object({ session: id, agent: id.nullable() })).max(MAX_TOLD),
  }),
};
export type WorkspaceEvents = { [K in keyof typeof workspaceEvents]: z.infer<(typeof workspaceEvents)[K]> };

/** What a session's stream tells of workspaces: whatever concerns its own agents and terminals. */
const there = { workspace: id, workspaceName: z.string() };
export const workspaceNotes = {
  'claim.taken': z.object({
    ...there,
    claim: id,
    run: id,
    agent: id.nullable(),
    globs,
    fence: z.int(),
    implicit: z.boolean(),
  }),
  'claim.released': z.object({
    ...there,
    claim: id,
    run: id,
    agent: id.nullable(),
    globs,
    why,
    reason: message.optional(),
  }),
  /** An agent was kept from writing; `message` is what it was told. `holder` and `until` (ms since 1970, about) where it is held. */
  'claim.refused': z.object({
    ...there,
    run: id,
    agent: id.nullable(),
    call: call.nullable(),
    paths: z.array(path),
    why: z.enum(REFUSALS),
    holder: holder.nullable(),
    until: z.int().nullable(),
    message,
  }),
  'conflict.found': z.object({ ...there, ...workspaceEvents['conflict.found'].shape }),
  'landing.changed': z.object({ ...there, agent: id.nullable(), ...landing }),
};
export type WorkspaceNotes = { [K in keyof typeof workspaceNotes]: z.infer<(typeof workspaceNotes)[K]> };

/** What the node's index is told. */
export const WORKSPACE_LIVES = ['preparing', 'ready', 'failed', 'removing'] as const;
export type WorkspaceLife = (typeof WORKSPACE_LIVES)[number];
export const workspaceIndexEvents = {
  'workspace.added': z.object({ id, name: workspaceName, kind: z.string(), root: path, of: id.nullable() }),
  'workspace.changed': z.object({ id, life: z.enum(WORKSPACE_LIVES) }),
  'workspace.gone': z.object({ id }),
};
