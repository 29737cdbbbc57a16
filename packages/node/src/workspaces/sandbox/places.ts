/** The places that a sandbox treats apart from its workspace: where programs keep their own things, and what git keeps (rule W4). */
import fs from 'node:fs';
import path from 'node:path';
import { realPath } from '../../platform/real-path.ts';

/** Where programs keep settings, caches, sockets, shared memory: absolute, existing, without links. `home` is the user's directory. */
export function ownPlaces(home: string | undefined): string[] {
  const all = [
    '/tmp',
    '/var/tmp',
    '/dev/shm',
    ...(home !== undefined && path.isAbsolute(home) ? [home] : []),
  ];
  return realOf(all).filter((one) => one !== '/');
}

/**
 * What nobody writes in a sandbox, whatever it claims: what git keeps of every repository that the workspace lies in, which of a
 * worktree is in its base; and the tree of its base. Absolute, existing, without links.
 */
export function keptOf(root: string, base: string | undefined): string[] {
  const found = base === undefined ? [] : [base];
  // Read here instead of asked of git, which tells nothing where its settings are broken or a directory is somebody else's.
  for (let at = root; ; at = path.dirname(at)) {
    const own = path.join(at, '.git');
    const dir = gitDirAt(own);
    found.push(own);
    if (dir !== undefined) found.push(dir, path.resolve(dir, textOf(path.join(dir, 'commondir')) ?? '.'));
    if (at === path.dirname(at)) break;
  }
  return realOf(found);
}

/** Of a worktree and of a submodule `.git` is a file that says where it is. */
function gitDirAt(own: string): string | undefined {
  const told = textOf(own);
  return told?.startsWith('gitdir: ')
    ? path.resolve(path.dirname(own), told.slice('gitdir: '.length))
    : undefined;
}

/** Undefined for what is no file, or cannot be read. */
function textOf(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8').replace(/\n$/, '');
  } catch {
    return undefined;
  }
}

function realOf(all: readonly string[]): string[] {
  const real = all.flatMap((one) => realPath(one) ?? []);
  return [...new Set(real)].filter((one) => fs.existsSync(one));
}
