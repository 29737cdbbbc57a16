/** What a tree has that its base has not: commits, what is not committed, and files that git does not know yet. Changes nothing. */
import { SkeinError } from '@skein/protocol/errors';
import type { ChangedFile, Changes } from '@skein/protocol/workspaces/asks';
import { type GitOptions, git, gitList, gitText } from '../git.ts';
import { withIndexCopy } from '../index-copy.ts';
import { repositoryAt } from '../making/repository.ts';
import { addAll } from '../nested.ts';

/** Bytes of a difference that are told; commits and files. */
const MAX_DIFF = 512 * 1024;
const MAX_COMMITS = 100;
const MAX_FILES = 1_000;
/** Repositories within that are named. */
const MAX_NESTED = 100;
/** Characters of all their names. */
const MAX_NAMES = 128 * 1024;

/** `upstream`: the commit from which on all is new; null for what is not committed alone. Throws `not_a_repository`. */
export async function changesIn(
  dir: string,
  { onto, upstream, stat }: { onto: string | null; upstream: string | null; stat: boolean },
  options: GitOptions,
): Promise<Changes> {
  const found = await repositoryAt(dir, options);
  if (found === undefined || found.top === null) {
    const message = `${dir} is no git repository, so nobody can tell what has changed in it.`;
    throw new SkeinError('not_a_repository', message);
  }
  const from = upstream ?? found.head ?? (await emptyTree(dir, options));
  return withAll(dir, options, async (own, nested) => {
    const plain = ['diff', '--no-ext-diff', '--no-textconv', '--no-color', '--find-renames', '--relative'];
    const told = await git(
      dir,
      [...plain, '--src-prefix=a/', '--dst-prefix=b/', ...(stat ? ['--stat=100'] : []), from, '--'],
      {
        ...own,
        most: MAX_DIFF,
      },
    );
    const counts = await gitList(dir, [...plain, '--no-renames', '--numstat', '-z', from, '--'], own);
    const files = within(counts.map(fileOf));
    const range = upstream === null || found.head === null ? undefined : `${upstream}..HEAD`;
    const asked = ['log', '-z', `--max-count=${MAX_COMMITS}`, '--format=%H %s'];
    const commits = range === undefined ? [] : await gitList(dir, [...asked, range, '--'], own);
    return {
      ...{
        branch: found.branch,
        head: found.head,
        onto,
        from: found.head === null && upstream === null ? null : from,
      },
      commits: commits.map((line) => ({
        hash: line.slice(0, line.indexOf(' ')),
        subject: line.slice(line.indexOf(' ') + 1, 1_000),
      })),
      files,
      ...(nested.length === 0 ? {} : { nested: nested.slice(0, MAX_NESTED) }),
      diff: told.stdout.toString('utf8'),
      cut: told.cut || counts.length > files.length || commits.length === MAX_COMMITS,
    };
  });
}

function within(files: readonly ChangedFile[]): ChangedFile[] {
  let room = MAX_NAMES;
  return files.slice(0, MAX_FILES).filter(({ path: name }) => {
    room -= name.length;
    return room >= 0;
  });
}

/** `ADDED	REMOVED	PATH`, with `-` for what is no text. */
function fileOf(line: string): ChangedFile {
  const [added = '', removed = '', ...rest] = line.split('\t');
  const count = (text: string) => (text === '-' ? null : Number(text));
  return { path: rest.join('\t'), added: count(added), removed: count(removed) };
}

async function emptyTree(dir: string, options: GitOptions): Promise<string> {
  return gitText(dir, ['hash-object', '-t', 'tree', '--stdin'], { ...options, input: '' });
}

/** With an index of its own in which files that git does not know yet are to be added, so that they are told as well. */
async function withAll<T>(
  dir: string,
  options: GitOptions,
  work: (own: GitOptions, nested: string[]) => Promise<T>,
): Promise<T> {
  return withIndexCopy(dir, options, async (own) => {
    const nested = await addAll(dir, { where: '.', how: ['--intent-to-add'] }, own);
    return work(own, nested);
  });
}
