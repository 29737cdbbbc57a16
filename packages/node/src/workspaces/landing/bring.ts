/** Makes, off to the side in a tree of its own, what a branch would be with the work on it (rule W5). Nobody's tree is touched. */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { makeDir } from '../../platform/files.ts';
import { type GitOptions, git, gitList, gitText } from '../git.ts';
import { removeTree } from '../making/places.ts';
import { dropWorktree } from '../making/worktree.ts';
import { addTree } from '../worktree-turn.ts';
import { isWithin } from './branch-move.ts';
import { LandingStop, named } from './stop.ts';
import type { Upstream } from './upstream.ts';
import { NAMED_ONLY } from './work.ts';

/** Milliseconds for a checkout, or for all steps of a rebase. */
const LONG_MS = 30 * 60_000;
/** Conflicts of which it is told who changed the same. */
const EXPLAINED = 5;

/** Whatever the user has set, one step a commit and nothing put aside. */
const PLAIN = {
  'rebase.autoStash': 'false',
  'rebase.autoSquash': 'false',
  'rebase.updateRefs': 'false',
  'rebase.rebaseMerges': 'false',
  'rebase.missingCommitsCheck': 'ignore',
  'rebase.forkPoint': 'false',
  'merge.autoStash': 'false',
  'merge.ff': 'true',
  'merge.renames': 'true',
  'rerere.enabled': 'false',
  'commit.template': '',
  'commit.cleanup': 'verbatim',
  'notes.rewriteRef': '',
};

export interface Bringing extends Upstream {
  /** Any directory of the repository. */
  repository: string;
  /** Where the tree is to be. */
  scratch: string;
  branch: string;
  tip: string;
  onto: string;
  /** The commit that `onto` is at. */
  ontoTip: string;
  how: 'rebase' | 'merge';
  /** Of a merge's commit. */
  message: string;
}

/** The commit that the branch would be at. Throws LandingStop when the two do not go together. */
export async function bring(bringing: Bringing, options: GitOptions): Promise<string> {
  const { repository, scratch, tip, onto, ontoTip, upstream, message } = bringing;
  await clearScratch(repository, scratch, options);
  makeDir(path.dirname(scratch));
  const way = await wayOf(bringing, options);
  const begin = way === 'rebase' || way === 'as it is' ? tip : ontoTip;
  const args = ['--detach', scratch, begin];
  await addTree(repository, { root: scratch, args }, { ...options, timeout: LONG_MS });
  if (way === 'as it is') return tip;
  const words = {
    rebase: ['rebase', '--quiet', '--empty=drop', '--onto', ontoTip, upstream],
    merge: ['merge', '--quiet', '--no-ff', '-m', message, tip],
    since: ['cherry-pick', '--no-commit', await allSince(bringing, options)],
  }[way];
  const settings = { ...options.settings, ...PLAIN, ...NAMED_ONLY(options).settings };
  const end = await git(scratch, words, { ...options, settings, timeout: LONG_MS, answers: 'any' });
  if (end.code !== 0) {
    const paths = await gitList(scratch, ['diff', '--name-only', '--diff-filter=U', '-z'], options);
    if (paths.length > 0) throw await conflict(bringing, paths, options);
    const said = (end.stderr || end.stdout.toString('utf8')).trim().slice(-2_000);
    throw new SkeinError('git_failed', `git ${words[0]} onto ${onto} failed: ${said}`);
  }
  if (way === 'since') await commitMerge(bringing, options);
  return gitText(scratch, ['rev-parse', 'HEAD'], options);
}

/**
 * What a merge commit holds besides what it merges is in no other commit, and a rebase leaves it out: such work is merged, or taken
 * as it is where it holds the branch already. `since`: merged, but only what is new from a commit on that git knows nothing of.
 */
async function wayOf(
  { repository, how, tip, ontoTip, upstream, apart }: Bringing,
  options: GitOptions,
): Promise<'rebase' | 'merge' | 'since' | 'as it is'> {
  if (how === 'rebase') {
    const merges = ['rev-list', '--min-parents=2', '--max-count=1', `${upstream}..${tip}`];
    if ((await gitText(repository, merges, options)) === '') return 'rebase';
    if (!apart && (await isWithin(repository, ontoTip, tip, options))) return 'as it is';
  }
  return apart ? 'since' : 'merge';
}

/** All of the work from its upstream on, as one commit: picked, it is a merge with just that in common. */
function allSince({ repository, tip, upstream }: Bringing, options: GitOptions): Promise<string> {
  const args = ['commit-tree', '--no-gpg-sign', '-p', upstream, `${tip}^{tree}`];
  return gitText(repository, args, { ...options, ...NAMED_ONLY(options), input: 'since\n' });
}

/** Of what the scratch tree holds, unless that is what the branch has. */
async function commitMerge({ scratch, tip, ontoTip, message }: Bringing, options: GitOptions): Promise<void> {
  const tree = await gitText(scratch, ['write-tree'], options);
  if (tree === (await gitText(scratch, ['rev-parse', `${ontoTip}^{tree}`], options))) return;
  const args = ['commit-tree', '-p', ontoTip, '-p', tip, '-F', '-', tree];
  const made = await gitText(scratch, args, { ...options, ...NAMED_ONLY(options), input: message });
  await git(scratch, ['update-ref', '--no-deref', 'HEAD', made], options);
}

/** Twice is the same as once. */
export async function clearScratch(repository: string, scratch: string, options: GitOptions): Promise<void> {
  await dropWorktree(repository, scratch, options);
  if (fs.existsSync(scratch)) await removeTree(scratch);
}

async function conflict(
  { repository, branch, onto, tip, ontoTip, upstream }: Bringing,
  paths: readonly string[],
  options: GitOptions,
): Promise<LandingStop> {
  const lines: string[] = [];
  for (const path of paths.slice(0, EXPLAINED)) {
    const [ours, theirs] = await Promise.all([
      lastChange(repository, `${upstream}..${tip}`, path, options),
      lastChange(repository, `${tip}..${ontoTip}`, path, options),
    ]);
    lines.push(`${named([path])}: ${branch} has ${ours}; ${onto} has ${theirs}.`);
  }
  return new LandingStop(
    [
      `${branch} and ${onto} have both changed ${named(paths)}. Nothing has been changed by the landing.`,
      ...lines,
      `Commit what is there, bring ${onto} into ${branch} (git rebase ${onto}, or git merge ${onto}), settle what both changed, and land again.`,
    ].join('\n'),
    { paths },
  );
}

/** The last commit of a range that changed a path. */
async function lastChange(dir: string, range: string, path: string, options: GitOptions): Promise<string> {
  const args = ['log', '-1', '--format=%h "%s" of %an', range, '--', `:(literal)${path}`];
  const told = await gitText(dir, args, { ...options, answers: 'any' });
  return told === '' ? 'changed it' : told.slice(0, 200);
}
