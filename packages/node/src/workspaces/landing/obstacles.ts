/** What of the user's a tree holds where a move of its branch would write (rule W5): nothing of that is ever overwritten. */
import fs from 'node:fs';
import path from 'node:path';
import { type GitOptions, gitList } from '../git.ts';
import { type Entry, isSubmodule, SUBMODULE } from './changed.ts';
import { LandingStop, named } from './stop.ts';
import { holdsFiles, thereAt } from './there.ts';

/** Throws LandingStop, naming them. The tree's index is as the branch was before, but for what the user has changed. */
export async function checkObstacles(
  dir: string,
  entries: readonly Entry[],
  options: GitOptions,
): Promise<void> {
  const dirty = await dirtyIn(dir, options);
  // Of a submodule nothing is written but its commit's name: what is in it stays as it is.
  const written = entries.filter((entry) => !isSubmodule(entry));
  const changed = written.filter((entry) => dirty.has(entry.path)).map((entry) => entry.path);
  if (changed.length > 0)
    throw new LandingStop(
      `${dir} has changes that are not committed in ${named(changed)}, and landing would overwrite them. Commit or stash them there, then land again.`,
      { paths: changed },
    );
  const full = fullSubmodules(dir, entries);
  if (full.length > 0)
    throw new LandingStop(
      `${dir} has files in ${named(full)}, ${full.length === 1 ? 'a submodule' : 'submodules'} in whose place landing would put others. If nothing there is needed any more, git submodule deinit empties it; then land again.`,
      { paths: full },
    );
  const inTheWay = unknownFiles(dir, entries);
  if (inTheWay.length > 0)
    throw new LandingStop(
      `${dir} has files that git does not keep where the landing has some: ${named(inTheWay)}. Move them away, then land again.`,
      { paths: inTheWay },
    );
}

/** Changed in the index or in the tree, and not committed; submodules by their place alone. */
export async function dirtyIn(dir: string, options: GitOptions): Promise<Set<string>> {
  const args = [
    'status',
    '--porcelain=v2',
    '-z',
    '--untracked-files=no',
    '--no-renames',
    '--ignore-submodules=dirty',
  ];
  const told = await gitList(dir, args, options);
  return new Set(told.filter((entry) => /^[12u] /.test(entry)).map(fileOf));
}

/** `1 XY sub mH mI mW hH hI path`; of a conflict there are two fields more. */
function fileOf(entry: string): string {
  return entry
    .split(' ')
    .slice(entry.startsWith('u ') ? 10 : 8)
    .join(' ');
}

/** Submodules with something in them where other files are to be: git would remove them with whatever work is in them. */
function fullSubmodules(dir: string, entries: readonly Entry[]): string[] {
  const coming = new Set<string>();
  for (const { path: name, to } of entries)
    if (to !== null) for (let one = name; one !== '.'; one = path.posix.dirname(one)) coming.add(one);
  return entries
    .filter(({ from, to }) => from?.mode === SUBMODULE && to?.mode !== SUBMODULE)
    .map((entry) => entry.path)
    .filter((name) => coming.has(name) && holdsFiles(path.join(dir, name)));
}

/** Files that are there and belong to no commit, ignored ones too, where files are to be. */
function unknownFiles(dir: string, entries: readonly Entry[]): string[] {
  const going = new Set(entries.filter(({ to }) => to === null).map((entry) => entry.path));
  const found = new Set<string>();
  const looked = new Map<string, boolean>();
  /** Whether a file that stays is where a directory is to be. */
  const blocked = (name: string): boolean => {
    const parent = path.posix.dirname(name);
    if (parent === '.') return false;
    let known = looked.get(parent);
    if (known === undefined) {
      const stat = thereAt(path.join(dir, parent));
      if (stat === undefined) known = blocked(parent);
      else if (stat.isDirectory()) known = false;
      else known = !going.has(parent);
      if (known && stat !== undefined) found.add(parent);
      looked.set(parent, known);
    }
    return known;
  };
  for (const { path: name, from, to } of entries) {
    if (to === null || from !== null || blocked(name)) continue;
    const stat = thereAt(path.join(dir, name));
    if (stat === undefined) continue;
    if (stat.isDirectory()) {
      if (to.mode === SUBMODULE) continue;
      for (const inside of filesBelow(dir, name)) if (!going.has(inside)) found.add(inside);
    } else if (!renamedHere(dir, name, stat, going)) found.add(name);
  }
  return [...found];
}

/** On a disk that folds case, a file whose name changes in case alone is there under its new name already. */
function renamedHere(dir: string, name: string, stat: fs.BigIntStats, going: ReadonlySet<string>): boolean {
  const key = name.normalize('NFC').toLowerCase();
  for (const old of going) {
    if (old.normalize('NFC').toLowerCase() !== key) continue;
    const other = thereAt(path.join(dir, old));
    if (other !== undefined && other.ino === stat.ino && other.dev === stat.dev && stat.nlink === 1n)
      return true;
  }
  return false;
}

function filesBelow(dir: string, name: string): string[] {
  return fs
    .readdirSync(path.join(dir, name), { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(dir, `${name}/${entry.name}`) : [`${name}/${entry.name}`],
    );
}
