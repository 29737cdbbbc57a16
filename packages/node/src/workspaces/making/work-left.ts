/** What a directory holds that is nowhere else: whoever removes it would lose that (rule W5). */
import fs from 'node:fs';
import path from 'node:path';
import { isCode } from '../../platform/files.ts';
import { type GitOptions, gitList, gitText, gitYes } from '../git.ts';
import { submodulesIn } from './clone.ts';
import { withNothingHidden } from './hidden.ts';
import { landedAsOthers } from './likeness.ts';
import { madeIn } from './places.ts';
import { ownRepository, type Repository } from './repository.ts';
import { worktreesOf } from './worktree.ts';

/** Names that are told of many. */
const NAMED = 3;
/** Commits of a branch that are looked through for those that have come to its base as others. */
const COMPARED = 1_000;
const STASH = 'refs/stash';
/** Where git notes, in a tree's own part of it, the stash that it has made by itself: it is on no list, and goes with the tree. */
const PUT_ASIDE = {
  'rebase-merge/autostash': 'rebase',
  'rebase-apply/autostash': 'rebase',
  MERGE_AUTOSTASH: 'merge',
};
/** Refs that lead to nobody's work, or to what is told of otherwise: remotes' branches; and what Skein notes for itself. */
const NOT_WORK = [
  ...['refs/remotes/*', 'refs/prefetch/*', STASH],
  ...['refs/skein/tip', 'refs/skein/far/*', 'refs/skein/landing/*', 'refs/skein/worktree/*'],
];

/** Of a clone, or of what has become a repository: what no remote has. Each a sentence's part; none when nothing would be lost. */
export async function leftInRepository(
  dir: string,
  found: Repository,
  options: GitOptions,
): Promise<string[]> {
  // Its own tree comes first. Of a repository elsewhere this is but a tree, and goes without the others.
  const others = found.gitDir === found.commonDir ? (await worktreesOf(dir, options)).slice(1) : [];
  const trees = others.filter((tree) => fs.existsSync(tree));
  return [
    ...(found.top === null ? [] : await uncommitted(dir, options)),
    ...(await commitsHere(dir, found, options)),
    ...(await stashes(dir, options)),
    ...(trees.length === 0 ? [] : [`the worktree${trees.length === 1 ? '' : 's'} ${names(trees)}`]),
    ...(found.top === null ? [] : await leftInSubmodules(dir, options)),
  ];
}

/** From whatever names them, but the remotes' branches; what only another ref than a branch or a tag leads to is told with that. */
async function commitsHere(dir: string, { gitDir }: Repository, options: GitOptions): Promise<string[]> {
  const but = NOT_WORK.map((pattern) => `--exclude=${pattern}`);
  const asked = ['log', '--format=%S', '--no-show-signature', '--ignore-missing', ...but, '--all'];
  // What is read from stdin is not what `--not` turns round.
  const input = (madeIn(gitDir)?.came ?? []).map((one) => `^${one}\n`).join('');
  const told = await gitText(dir, [...asked, '--not', '--remotes', '--stdin'], { ...options, input });
  const from = told.split('\n').filter((ref) => ref !== '');
  if (from.length === 0) return [];
  const others = [...new Set(from)].filter((ref) => !/^(HEAD$|refs\/(heads|tags)\/)/.test(ref));
  const where = others.length === 0 ? '' : ` (${names(others)})`;
  return [`${some(from.length, 'commit')} that no remote has${where}`];
}

async function stashes(dir: string, options: GitOptions): Promise<string[]> {
  if (!(await gitYes(dir, ['show-ref', '--quiet', '--verify', STASH], options))) return [];
  const count = await gitText(dir, ['rev-list', '--count', '--walk-reflogs', STASH, '--'], options);
  // One without a log of its own is one all the same.
  return [some(Math.max(1, Number(count)), 'stash', 'stashes')];
}

/** Of a worktree: what is in no commit, and commits that go with it: of no branch, or of the one that goes too. */
export async function leftInWorktree(
  dir: string,
  { branch, onto }: { branch: string | null; onto: string | null },
  options: GitOptions,
): Promise<string[]> {
  return [
    ...(await leftInTree(dir, { branch, onto }, options)),
    ...(await leftInTreesBelow(dir, onto, options)),
  ];
}

async function leftInTree(
  dir: string,
  { branch, onto }: { branch: string | null; onto: string | null },
  options: GitOptions,
): Promise<string[]> {
  return [
    ...(await uncommitted(dir, options)),
    ...(await leftInSubmodules(dir, options)),
    ...(await unlanded(dir, { branch, onto }, options)),
  ];
}

/** Of other worktrees of its repository, whose files lie in it, perhaps where git looks at nothing. Their branches stay. */
async function leftInTreesBelow(dir: string, onto: string | null, options: GitOptions): Promise<string[]> {
  const begins = `${fs.realpathSync(dir)}/`;
  const left: string[] = [];
  for (const tree of await worktreesOf(dir, options)) {
    if (!tree.startsWith(begins) || !fs.existsSync(tree)) continue;
    const own = await ownRepository(tree, options);
    const there =
      own === undefined ? leftInDirectory(tree) : await leftInTree(tree, { branch: null, onto }, options);
    left.push(...there.map((one) => `in ${shown(tree.slice(begins.length))}: ${one}`));
  }
  return left;
}

/** `branch` is the one that will be removed with it, null for none; `onto` the commit of its base. */
export async function unlanded(
  dir: string,
  { branch, onto }: { branch: string | null; onto: string | null },
  options: GitOptions,
): Promise<string[]> {
  const from: string[] = [];
  for (const ref of ['HEAD', ...(branch === null ? [] : [`refs/heads/${branch}`])]) {
    const asked = ['rev-parse', '--quiet', '--verify', `${ref}^{commit}`];
    const tip = await gitText(dir, asked, { ...options, answers: [0, 1] });
    if (tip !== '') from.push(tip);
  }
  const but = [...(branch === null ? [] : [`--exclude=${branch}`]), '--branches', '--remotes', '--tags'];
  const more = onto === null ? [] : [onto];
  const commits = await gitText(
    dir,
    ['rev-list', '--ignore-missing', ...from, '--not', ...but, ...more, '--'],
    options,
  );
  const all = commits.split('\n').filter((line) => line !== '');
  if (all.length === 0) return [];
  const landed =
    onto === null || all.length > COMPARED
      ? new Set()
      : await landedAsOthers(dir, { commits: all, from, onto }, options);
  const left = all.filter((commit) => !landed.has(commit)).length;
  return left === 0 ? [] : [`${some(left, 'commit')} that ${left === 1 ? 'has' : 'have'} not landed`];
}

/** Changed, or not known to the repository and not ignored either. */
async function uncommitted(dir: string, options: GitOptions): Promise<string[]> {
  const args = [
    'status',
    '--porcelain=v2',
    '-z',
    '--untracked-files=normal',
    '--ignore-submodules=none',
    '--no-renames',
  ];
  const entries = await withNothingHidden(dir, options, (own) => gitList(dir, args, own));
  const changed = entries.filter((entry) => /^[12u] /.test(entry)).map((entry) => fileOf(entry));
  const unknown = entries.filter((entry) => entry.startsWith('? ')).map((entry) => entry.slice(2));
  return [
    ...(changed.length === 0
      ? []
      : [
          `${some(changed.length, 'change')} that ${changed.length === 1 ? 'is' : 'are'} not committed (${names(changed)})`,
        ]),
    ...(unknown.length === 0
      ? []
      : [`${some(unknown.length, 'file')} that git does not know (${names(unknown)})`]),
    ...(await putAside(dir, options)),
  ];
}

/** What was not committed when a rebase or a merge began that has not ended (`--autostash`). */
async function putAside(dir: string, options: GitOptions): Promise<string[]> {
  const gitDir = await gitText(dir, ['rev-parse', '--absolute-git-dir'], options);
  return Object.entries(PUT_ASIDE)
    .filter(([file]) => fs.existsSync(path.join(gitDir, file)))
    .map(([, what]) => `changes that a ${what} under way has put aside`);
}

/** `1 XY sub mH mI mW hH hI path`; of a conflict there are two fields more. */
function fileOf(entry: string): string {
  return entry
    .split(' ')
    .slice(entry.startsWith('u ') ? 10 : 8)
    .join(' ');
}

async function leftInSubmodules(dir: string, options: GitOptions): Promise<string[]> {
  const left: string[] = [];
  for (const name of await submodulesIn(dir, options)) {
    const inside = path.join(dir, name);
    const found = await ownRepository(inside, options);
    if (found === undefined) continue;
    const there = await leftInRepository(inside, found, options);
    left.push(...there.map((one) => `in ${shown(name)}: ${one}`));
  }
  return left;
}

/** Of a directory that is no repository: everything. */
export function leftInDirectory(dir: string): string[] {
  const there = namesOf(dir);
  return there.length === 0 ? [] : [`${some(there.length, 'file')} (${names(there)})`];
}

/** None of what is not there; one that cannot be looked into is no empty one. */
function namesOf(dir: string): string[] {
  try {
    return fs.readdirSync(dir);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function some(count: number, what: string, several = `${what}s`): string {
  return `${count} ${count === 1 ? what : several}`;
}

function names(all: readonly string[]): string {
  return all.slice(0, NAMED).map(shown).join(', ') + (all.length > NAMED ? ', …' : '');
}

/** Whatever may be in a path: nothing of it moves a cursor. */
function shown(name: string): string {
  return /[\0-\x1f\x7f]/.test(name) ? JSON.stringify(name) : name;
}
