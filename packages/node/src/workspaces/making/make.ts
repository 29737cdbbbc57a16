/** Puts a workspace's files where they belong: the same however often it was cut off (rules K4, W5). */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import type { Source } from '@skein/protocol/workspaces/commands';
import { isCode, makeDir } from '../../platform/files.ts';
import { HandedStore } from '../trees/handed-store.ts';
import { makeHanded } from '../trees/make-handed.ts';
import { clone, type Making } from './clone.ts';
import { foldsOf } from './folds.ts';
import { namesIn } from './places.ts';
import { repositoryAt } from './repository.ts';
import { addWorktree, type Base } from './worktree.ts';

export interface Wanted extends Making {
  name: string;
  source: Source;
  /** Of a worktree. */
  base: Base | undefined;
  /** Directories of Skein's own may be nobody's workspace. */
  home: string;
}

/** Returns what is to be told of it. Throws in words for a person. */
export async function makeFiles(wanted: Wanted): Promise<string> {
  const { source, root, base, name } = wanted;
  if (source.kind !== 'local') makeDir(path.dirname(root));
  switch (source.kind) {
    case 'git':
      return await clone(wanted, source);
    case 'scratch':
      scratch(root);
      return '';
    case 'local':
      checkLocal(wanted);
      return '';
    case 'worktree':
      if (base === undefined)
        throw new SkeinError('gone', 'The workspace that it is to be of is not there any more.');
      return await addWorktree(wanted, base, { name, wish: source.branch });
    case 'handed': {
      const handed = new HandedStore(wanted.home);
      return await makeHanded(wanted, source, handed.repository({ peer: source.home, ...source }));
    }
  }
}

function scratch(root: string): void {
  try {
    fs.mkdirSync(root, { mode: 0o700 });
  } catch (error) {
    // From a try that was cut off; nobody has had it yet.
    if (!isCode(error, 'EEXIST') || namesIn(root).length > 0) throw error;
  }
}

function checkLocal({ root, home }: Wanted): void {
  const stat = fs.statSync(root, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true || fs.realpathSync(root) !== root)
    throw new SkeinError('bad_cwd', `${root} is not a directory any more.`, { cwd: root });
  const own = `${fs.realpathSync(home)}/`;
  const asked = root === '/' ? root : `${root}/`;
  if (asked.startsWith(own) || own.startsWith(asked))
    throw new SkeinError(
      'bad_cwd',
      `${root} holds Skein's own files, or lies in them: ${own}. Choose another directory.`,
      { cwd: root },
    );
}

/** What `workspace.ready` tells. */
export async function lookAt({ root, options }: Making): Promise<{
  git: { branch: string | null; head: string | null } | null;
  folds: { case: boolean; unicode: boolean };
}> {
  const found = await repositoryAt(root, options).catch(() => undefined);
  const git = found === undefined ? null : { branch: found.branch, head: found.head };
  return { git, folds: foldsOf(root) };
}
