/**
 * Makes a worktree at home what the agent's tree on another machine is (rule W5): its branch at the agent's last commit, and in the
 * files all that was there, committed or not. What somebody has done in it here is never overwritten. Done again after it was cut
 * off anywhere, it comes to the same.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SkeinError } from '@skein/protocol/errors';
import { findByEnvironment } from '../../platform/process.ts';
import { FETCH_MS, type GitOptions, git, gitText } from '../git.ts';
import { changedBetween } from '../landing/changed.ts';
import { notedBranch } from '../making/worktree.ts';
import { snapshotOf } from './snapshot.ts';

/** In the environment of git while it moves a tree: by it what a killed node has left at work is found. */
const MARK = 'SKEIN_BRINGING';
/** Milliseconds for that to end. */
const ENDS_MS = 30_000;

/** Of one workspace: what was brought last; what it is being moved to; and what was in it when it was found half moved. */
export const farRefs = (id: string) => ({
  tip: `refs/skein/far/${id}/tip`,
  next: `refs/skein/far/${id}/next`,
  found: `refs/skein/far/${id}/found`,
  landed: `refs/skein/far/${id}/landed`,
});

/** Bounds of what another machine's tree may put here: files that change, and bytes of these. */
const MAX_FILES = 200_000;
const MAX_BYTES = 4 * 1024 * 1024 * 1024;

export interface Held {
  head: string;
  tip: string;
}

export interface Putting {
  /** The workspace, and its tree. */
  id: string;
  root: string;
  /** What was brought last. */
  before: Held;
  /** What is to be there, which the repository has. */
  to: Held;
  /** Commits at which the tree may be as well, when there is nothing else in it: what has landed of it. */
  also: readonly string[];
}

/** Throws `work_left` where the tree holds what has not come from there, and `too_large`. */
export async function put({ id, root, before, to, also }: Putting, options: GitOptions): Promise<void> {
  const own: GitOptions = { ...options, env: { ...options.env, [MARK]: id }, timeout: FETCH_MS };
  const refs = farRefs(id);
  const branch = await notedBranch(root, id, own);
  if (branch === undefined) throw new SkeinError('gone', `${root} is no tree of an agent's any more.`);
  const half = await at(root, refs.next, own);
  const resumes = half !== undefined && half !== before.tip;
  if (resumes) await othersEnd(id);
  const now = await snapshotOf(root, own);
  if (resumes) await git(root, ['update-ref', refs.found, now.tip], own);
  else await checkOwn(root, { now, before, also }, own);
  await checkSize(root, now.tip, to.tip, own);
  await git(root, ['update-ref', refs.next, to.tip], own);
  await moveFiles(root, now.tip, to.tip, own);
  await git(root, ['symbolic-ref', '-m', 'skein: brought back', 'HEAD', `refs/heads/${branch}`], own);
  await git(root, ['update-ref', '-m', 'skein: brought back', `refs/heads/${branch}`, to.head], own);
  // What is not committed there is not committed here either.
  await git(root, ['read-tree', to.head], own);
  await refresh(root, own);
  await git(root, ['update-ref', refs.tip, to.tip], own);
}

/** It is recorded: what is found from now on is somebody's own. */
export async function putRecorded(root: string, id: string, options: GitOptions): Promise<void> {
  await git(root, ['update-ref', '-d', farRefs(id).next], options);
}

async function at(root: string, ref: string, options: GitOptions): Promise<string | undefined> {
  const asked = ['rev-parse', '--quiet', '--verify', `${ref}^{commit}`];
  return (await gitText(root, asked, { ...options, answers: [0, 1] })) || undefined;
}

async function checkOwn(
  root: string,
  { now, before, also }: { now: Held; before: Held; also: readonly string[] },
  options: GitOptions,
): Promise<void> {
  if (now.tip === before.tip || (now.tip === now.head && also.includes(now.head))) return;
  const [has, had] = await Promise.all([treeOf(root, now.tip, options), treeOf(root, before.tip, options)]);
  // As a landing commits what was not: nothing is in it but what was brought.
  if (has === had && (await isOn(root, now.head, before.head, options))) return;
  const files = (await changedBetween(root, before.tip, now.tip, options)).map((one) => one.path);
  const which =
    files.length === 0 ? 'commits' : files.slice(0, 3).join(', ') + (files.length > 3 ? ', …' : '');
  throw new SkeinError(
    'work_left',
    `In ${root} there is work that was done here, not by the agent (${which}). Nothing is brought back over that: commit it to a branch of its own (git switch -c NAME), or put the files as they were.`,
    { root, paths: files.slice(0, 100) },
  );
}

/** Whether it is that commit, or one on top of it. */
async function isOn(root: string, head: string, of: string, options: GitOptions): Promise<boolean> {
  if (head === of) return true;
  const parents = await gitText(root, ['show', '--no-patch', '--format=%P', head], options);
  return parents === of;
}

async function treeOf(root: string, commit: string, options: GitOptions): Promise<string> {
  return gitText(root, ['rev-parse', `${commit}^{tree}`], options);
}

async function checkSize(root: string, from: string, to: string, options: GitOptions): Promise<void> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--diff-filter=d', '--no-abbrev', from, to];
  const told = await git(root, args, { ...options, most: MAX_FILES * 200 });
  const lines = told.stdout.toString('utf8').split('\0');
  const blobs = lines.flatMap((line) => /^:\d+ (?!160000)\d+ \S+ (\S+)/.exec(line)?.[1] ?? []);
  if (told.cut || blobs.length > MAX_FILES) throw tooLarge(root, `more than ${MAX_FILES} files`);
  if (blobs.length === 0) return;
  const sizes = await gitText(root, ['cat-file', '--batch-check=%(objectsize)'], {
    ...options,
    input: blobs.map((one) => `${one}\n`).join(''),
  });
  const bytes = sizes.split('\n').reduce((sum, one) => sum + Number(one), 0);
  if (!(bytes <= MAX_BYTES)) throw tooLarge(root, `${Math.ceil(bytes / 1024 ** 2)} MiB`);
}

function tooLarge(root: string, what: string): SkeinError {
  return new SkeinError(
    'too_large',
    `What the agent has changed is too much to be brought to ${root}: ${what}.`,
  );
}

/** Through an index of its own, so that the tree's stays whole. Files that are in the way, and are not the agent's, stop it. */
async function moveFiles(root: string, from: string, to: string, options: GitOptions): Promise<void> {
  if (from === to) return;
  const asked = ['rev-parse', '--path-format=absolute', '--git-path', 'skein-index'];
  const index = await gitText(root, asked, options);
  const clear = () => {
    for (const file of [index, `${index}.lock`]) fs.rmSync(file, { force: true });
  };
  clear();
  fs.mkdirSync(path.dirname(index), { recursive: true });
  const settings = { 'core.splitIndex': 'false', 'core.protectHFS': 'true', 'core.protectNTFS': 'true' };
  const own = { ...options, env: { ...options.env, GIT_INDEX_FILE: index }, settings };
  try {
    await git(root, ['read-tree', from], own);
    await refresh(root, own);
    await git(root, ['read-tree', '-m', '-u', from, to], own);
  } finally {
    clear();
  }
}

async function refresh(root: string, options: GitOptions): Promise<void> {
  await git(root, ['update-index', '-q', '--refresh'], { ...options, answers: 'any' });
}

/** What a node that was killed has begun goes on to its end, and then nothing else writes here. */
async function othersEnd(id: string): Promise<void> {
  for (const until = Date.now() + ENDS_MS; findByEnvironment(MARK, id).length > 0; await sleep(50))
    if (Date.now() > until)
      throw new SkeinError('already_running', 'git is still at work in the tree, for a node that has ended.');
}
