/** What a directory holds that is nowhere else: whoever removes it would lose that (rule W5). */
import fs from 'node:fs';
import path from 'node:path';
import { type GitOptions, gitList, gitText } from '../git.ts';
import { submodulesIn } from './clone.ts';
import { madeIn, namesIn } from './places.ts';
import { type Repository, repositoryAt } from './repository.ts';
import { worktreesOf } from './worktree.ts';

/** Names that are told of many. */
const NAMED = 3;
/** Commits of a branch that are looked through for those that have come to its base as others. */
const COMPARED = 1_000;

/** Of a clone, or of what has become a repository: what no remote has. Each a sentence's part; none when nothing would be lost. */
export async function leftInRepository(
  dir: string,
  found: Repository,
  options: GitOptions,
): Promise<string[]> {
  const came = madeIn(found.gitDir)?.came ?? [];
  const here = ['--branches', '--tags', ...(found.head === null ? [] : ['HEAD'])];
  // What is read from stdin is not what `--not` turns round.
  const asked = ['rev-list', '--count', '--ignore-missing', ...here, '--not', '--remotes', '--stdin'];
  const input = came.map((one) => `^${one}\n`).join('');
  const count = await gitText(dir, asked, { ...options, input });
  const stashes = await gitText(
    dir,
    ['rev-list', '--count', '--walk-reflogs', '--ignore-missing', 'refs/stash', '--'],
    {
      ...options,
      answers: 'any',
    },
  );
  // Its own tree comes first. Of a repository elsewhere this is but a tree, and goes without the others.
  const others = found.gitDir === found.commonDir ? (await worktreesOf(dir, options)).slice(1) : [];
  const trees = others.filter((tree) => fs.existsSync(tree));
  const within = found.top === null ? [] : await leftInSubmodules(dir, options);
  return [
    ...(found.top === null ? [] : await uncommitted(dir, options)),
    ...(count === '0' ? [] : [`${some(Number(count), 'commit')} that no remote has`]),
    ...(/^[1-9]/.test(stashes) ? [some(Number(stashes), 'stash', 'stashes')] : []),
    ...(trees.length === 0 ? [] : [`the worktree${trees.length === 1 ? '' : 's'} ${names(trees)}`]),
    ...within,
  ];
}

/** Of a worktree: what is in no commit, and commits that go with it: of no branch, or of the one that goes too. */
export async function leftInWorktree(
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

/** `branch` is the one that will be removed with it, null for none; `onto` the commit of its base. */
export async function unlanded(
  dir: string,
  { branch, onto }: { branch: string | null; onto: string | null },
  options: GitOptions,
): Promise<string[]> {
  const from = ['HEAD', ...(branch === null ? [] : [`refs/heads/${branch}`])];
  const but = [...(branch === null ? [] : [`--exclude=${branch}`]), '--branches', '--remotes', '--tags'];
  const more = onto === null ? [] : [onto];
  const commits = await gitText(
    dir,
    ['rev-list', '--ignore-missing', ...from, '--not', ...but, ...more, '--'],
    options,
  );
  const all = commits.split('\n').filter((line) => line !== '');
  if (all.length === 0) return [];
  const left = onto === null || all.length > COMPARED ? all.length : await notIn(dir, onto, from, options);
  return left === 0 ? [] : [`${some(left, 'commit')} that ${left === 1 ? 'has' : 'have'} not landed`];
}

/** Commits of which the base has no likeness: one that was landed by rebasing is there as another. */
async function notIn(
  dir: string,
  onto: string,
  from: readonly string[],
  options: GitOptions,
): Promise<number> {
  const found = new Set<string>();
  for (const ref of from) {
    const told = await gitText(dir, ['cherry', onto, ref], options);
    for (const line of told.split('\n')) if (line.startsWith('+ ')) found.add(line.slice(2));
    // A merge has no likeness, and what it brought is among the others; what was decided in it is not.
    const merges = await gitText(dir, ['rev-list', '--min-parents=2', ref, `^${onto}`, '--'], options);
    for (const line of merges.split('\n')) if (line !== '') found.add(line);
  }
  return found.size;
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
  const entries = await gitList(dir, args, options);
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
  ];
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
    if (!fs.existsSync(path.join(inside, '.git'))) continue;
    const found = await repositoryAt(inside, options);
    if (found === undefined || found.top !== inside) continue;
    const there = await leftInRepository(inside, found, options);
    left.push(...there.map((one) => `in ${shown(name)}: ${one}`));
  }
  return left;
}

/** Of a directory that is no repository: everything. */
export function leftInDirectory(dir: string): string[] {
  const there = namesIn(dir);
  return there.length === 0 ? [] : [`${some(there.length, 'file')} (${names(there)})`];
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

/** Whether a repository may be removed with its directory, or is a part of one elsewhere. */
export async function ownRepository(dir: string, options: GitOptions): Promise<Repository | undefined> {
  const found = await repositoryAt(dir, options);
  return found !== undefined && (found.top === dir || found.top === null) ? found : undefined;
}
