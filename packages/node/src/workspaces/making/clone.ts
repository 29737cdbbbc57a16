/** A workspace that is a clone: made beside its place and put there whole, so that a half one is never taken for one. */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import type { Source } from '@skein/protocol/workspaces/commands';
import { FETCH_MS, type GitOptions, git, gitList, gitText, gitYes } from '../git.ts';
import { besideDir, clearBeside, madeIn, removeTree, tellMade } from './places.ts';
import { repositoryAt } from './repository.ts';

const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
/** What may be the beginning of a commit's name. */
const SHORT = /^[0-9a-f]{4,64}$/;

export interface Making {
  id: string;
  root: string;
  options: GitOptions;
}

/** Returns what is to be told of it. Done again after it was cut off anywhere, it comes to the same. */
export async function clone(
  { id, root, options }: Making,
  source: Extract<Source, { kind: 'git' }>,
): Promise<string> {
  if (madeIn(path.join(root, '.git'))?.id === id) return '';
  await clearBeside(root);
  const into = besideDir(root);
  try {
    const told = await fetched(into, source, { ...options, timeout: FETCH_MS });
    tellMade(path.join(into, '.git'), { id, came: await came(into, options) });
    fs.renameSync(into, root);
    return told;
  } catch (error) {
    await removeTree(into);
    throw error;
  }
}

async function fetched(
  into: string,
  { url, ref, depth }: Extract<Source, { kind: 'git' }>,
  options: GitOptions,
): Promise<string> {
  const beside = path.dirname(into);
  // A directory of this machine is not read past its depth either.
  const how = ['--progress', ...(depth === undefined ? [] : ['--no-local', `--depth=${depth}`])];
  const begin = ['clone', ...how];
  const end = ['--', url, into];
  const reached = { ...options, settings: { 'core.hooksPath': '/dev/null' } };
  if (ref === undefined) return said(await git(beside, [...begin, ...end], reached));
  if (!COMMIT.test(ref)) {
    try {
      return said(await git(beside, [...begin, `--branch=${ref}`, ...end], reached));
    } catch (error) {
      if (!/Remote branch .* not found/s.test(SkeinError.from(error).message)) throw error;
      if (!SHORT.test(ref) || depth !== undefined)
        throw new SkeinError('not_found', `There is no branch and no tag "${ref}" there.`, { ref });
      await removeTree(into);
    }
  }
  const told = said(await git(beside, [...begin, '--no-checkout', ...end], reached));
  const there = await gitYes(into, ['rev-parse', '--quiet', '--verify', `${ref}^{commit}`], {
    ...options,
    answers: 'any',
  });
  const deep = depth === undefined ? [] : [`--depth=${depth}`];
  if (!there && COMMIT.test(ref))
    await git(into, ['fetch', '--progress', ...deep, 'origin', ref], options).catch(notThere(ref));
  await git(into, ['checkout', '--quiet', '--detach', `${ref}^{commit}`], options).catch(notThere(ref));
  return told;
}

function notThere(ref: string): (error: unknown) => never {
  return (error) => {
    const { code, message } = SkeinError.from(error);
    if (code !== 'git_failed') throw error;
    throw new SkeinError(
      'not_found',
      `There is no commit ${ref} there, or it may not be fetched by itself: ${message}`,
      { ref },
    );
  };
}

/** Warnings alone: progress is no news afterwards. */
function said({ stderr }: { stderr: string }): string {
  return stderr
    .split(/[\r\n]+/)
    .filter((line) => line.startsWith('warning:'))
    .join('\n');
}

/** What it has from elsewhere and no remote branch leads to: tags, and a commit by itself. */
async function came(into: string, options: GitOptions): Promise<string[]> {
  const { head } = (await repositoryAt(into, options)) ?? { head: null };
  const tags = await gitText(into, ['for-each-ref', '--format=%(objectname)', 'refs/tags'], options);
  return [...new Set([...(head === null ? [] : [head]), ...tags.split('\n').filter((tag) => tag !== '')])];
}

/** Paths of submodules, whether they are checked out or not. */
export async function submodulesIn(dir: string, options: GitOptions): Promise<string[]> {
  const entries = await gitList(dir, ['ls-files', '--stage', '-z'], options);
  return entries.flatMap((entry) =>
    entry.startsWith('160000 ') ? [entry.slice(entry.indexOf('\t') + 1)] : [],
  );
}
