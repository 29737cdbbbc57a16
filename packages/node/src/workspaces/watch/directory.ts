/** One directory that is watched because something in it, or below, is claimed: what is known of it. */
import path from 'node:path';
import type { Known } from './fingerprint.ts';
import type { Place } from './wanted.ts';

export class Directory {
  /** Relative to the workspace; empty for its root. */
  readonly path: string;
  /** Device and inode: another one by the same name is another directory. */
  inode: string;
  /** The root of the repository that it is in, relative to the workspace; empty where the workspace's own rules count. */
  readonly repository: string;
  place: Place;
  readonly directories = new Map<string, Directory>();
  /** Those that are claimed. */
  readonly files = new Map<string, Known>();
  /** Names of what git ignores, so far as was asked. */
  readonly ignored = new Set<string>();
  /** How its own rules of git's looked when they were last heeded. */
  rules: string | undefined;

  constructor(path: string, inode: string, repository: string, place: Place) {
    this.path = path;
    this.inode = inode;
    this.repository = repository;
    this.place = place;
  }

  /** The path of one of its entries. */
  to(name: string): string {
    return this.path === '' ? name : `${this.path}/${name}`;
  }

  /** The one at a path below it. */
  find(path: string): Directory | undefined {
    let found: Directory | undefined = this;
    for (const name of path === '' ? [] : path.split('/')) found = found?.directories.get(name);
    return found;
  }

  /** It and all below it. */
  *all(): Generator<Directory> {
    yield this;
    for (const one of this.directories.values()) yield* one.all();
  }
}

/** Whether a path is one of these places, or lies in one. */
export function isUnder(file: string, places: ReadonlySet<string>): boolean {
  for (let one = file; one !== '.'; one = path.posix.dirname(one)) if (places.has(one)) return true;
  return false;
}
