/** Which commits have come to a branch as others that change exactly the same, as when they were rebased onto it (rule W5). */
import { type GitOptions, git, gitText } from '../git.ts';

/** Bytes of their differences that are compared. */
const MOST = 128 * 1024 * 1024;

export interface Sides {
  /** What is asked about, reached from `from`. */
  commits: readonly string[];
  from: readonly string[];
  onto: string;
}

/**
 * Those of `commits`. A merge is never one: what it brought is among the others, what was decided in it is not. git's own likeness
 * (`git cherry`) looks past white space, which may be all that a commit is about: it only says what is worth comparing.
 */
export async function landedAsOthers(
  dir: string,
  { commits, from, onto }: Sides,
  options: GitOptions,
): Promise<Set<string>> {
  const asked = new Set(commits);
  const found = new Set<string>();
  for (const ref of from) {
    const ours = (await alike(dir, ref, onto, options)).filter((commit) => asked.has(commit));
    if (ours.length === 0) continue;
    const theirs = await alike(dir, onto, ref, options);
    const patches = await patchesOf(dir, [...ours, ...theirs], options);
    const there = new Set(theirs.map((commit) => patches.get(commit)));
    for (const commit of ours) {
      const patch = patches.get(commit);
      if (patch !== undefined && there.has(patch)) found.add(commit);
    }
  }
  return found;
}

/** Commits of `ref` that `other` has not, but something like them. */
async function alike(dir: string, ref: string, other: string, options: GitOptions): Promise<string[]> {
  const asked = ['rev-list', '--no-merges', '--cherry-mark', '--left-only', `${ref}...${other}`, '--'];
  const told = await gitText(dir, asked, options);
  return told.split('\n').flatMap((line) => (line.startsWith('=') ? [line.slice(1)] : []));
}

/** What each changes, wherever in a file that is; none for one that changes nothing, and for all when that is too much. */
async function patchesOf(
  dir: string,
  commits: readonly string[],
  options: GitOptions,
): Promise<Map<string, string>> {
  const how = ['--no-ext-diff', '--no-textconv', '--no-color', '--no-renames', '--submodule=short'];
  const args = ['diff-tree', '--stdin', '--root', '--patch', '--full-index', ...how];
  const input = commits.map((one) => `${one}\n`).join('');
  const told = await git(dir, args, { ...options, input, most: MOST });
  if (told.cut) return new Map();
  return patchesIn(told.stdout.toString('latin1'), new Set(commits));
}

/** By commit, each of which begins with a line of its name. Numbers of lines are left out, and names of blobs whose contents are there. */
export function patchesIn(printed: string, commits: ReadonlySet<string>): Map<string, string> {
  const patches = new Map<string, string[]>();
  let now: string[] = [];
  // By line ends alone: a carriage return is a part of what is compared.
  const lines = printed.replace(/\n$/, '').split('\n');
  for (const [n, line] of lines.entries()) {
    if (commits.has(line)) {
      now = [];
      patches.set(line, now);
    } else if (line.startsWith('@@ ')) now.push('@@');
    else if (!line.startsWith('index ') || lines[n + 1]?.startsWith('Binary files ') === true) now.push(line);
  }
  return new Map([...patches].map(([commit, patch]) => [commit, patch.join('\n')]));
}
