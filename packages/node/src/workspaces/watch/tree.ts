/**
 * The directories and files of a workspace that claims make worth watching (rule W4): no others are looked at, and none that git
 * ignores. One thing at a time is done to it: its owner waits for each.
 */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import type { Folds } from '@skein/protocol/workspaces/patterns';
import { Breath } from './breath.ts';
import { Directory, isUnder } from './directory.ts';
import type { Eyes } from './eyes.ts';
import { type Entry, entryAt, hashOf, type Known } from './fingerprint.ts';
import type { Ignoring } from './ignoring.ts';
import { isClaimed, leadsOn, namesIn, type Place, Wanted } from './wanted.ts';

/** Files whose contents are known at a time, of one workspace; of more, sizes and times have to do. */
const MAX_HASHED = 200_000;

/** Git's own. */
const GIT_DIR = '.git';
export const RULES = '.gitignore';

export interface ClaimedGlobs {
  claim: string;
  globs: string[];
}

/** An entry that nothing is known of yet. */
export interface Candidate {
  directory: Directory;
  name: string;
  entry: Entry;
  place: Place;
  /** Where it stands among the patterns that are being walked for, when not all are. */
  narrow?: Place | undefined;
}

interface Visit {
  directory: Directory;
  narrow?: Place | undefined;
}

export class Tree {
  readonly wanted: Wanted;
  readonly #dir: string;
  readonly #folds: Folds;
  readonly #eyes: Eyes;
  readonly #ignoring: Ignoring;
  #root: Directory | undefined;
  #hashed = 0;

  constructor(dir: string, folds: Folds, eyes: Eyes, ignoring: Ignoring) {
    this.#dir = dir;
    this.#folds = folds;
    this.#eyes = eyes;
    this.#ignoring = ignoring;
    this.wanted = new Wanted(this.#folds);
  }

  get root(): Directory | undefined {
    return this.#root;
  }

  absolute(directory: Directory, name: string): string {
    return path.join(this.#dir, directory.path, name);
  }

  /** Claims that have come and gone. Throws `watch_off`. */
  async change(added: readonly ClaimedGlobs[], removed: readonly ClaimedGlobs[]): Promise<void> {
    const gone = new Wanted(this.#folds);
    for (const { claim, globs } of removed) {
      this.wanted.remove(claim, globs);
      gone.add(claim, globs);
    }
    const come = new Wanted(this.#folds);
    for (const { claim, globs } of added) {
      this.wanted.add(claim, globs);
      come.add(claim, globs);
    }
    if (this.wanted.empty) return this.forget();
    if (this.#root !== undefined && removed.length > 0) await this.#prune(this.#root, gone, gone.root());
    if (added.length === 0) return;
    this.#root ??= this.#begin();
    this.#root.place = this.wanted.root();
    await this.walk([{ directory: this.#root, narrow: come.root() }], come);
  }

  /** Watches no more. */
  forget(): void {
    if (this.#root !== undefined) this.close(this.#root);
    this.#root = undefined;
  }

  /** Finds what is to be watched in directories and below; answers with the files that were not known. */
  async walk(visits: readonly Visit[], only?: Wanted): Promise<Candidate[]> {
    const found: Candidate[] = [];
    const breath = new Breath();
    let level = visits;
    while (level.length > 0) {
      const next: Visit[] = [];
      const candidates: Candidate[] = [];
      for (const visit of level) {
        for (const name of this.names(visit.directory, visit.narrow)) {
          const one = this.#meet(visit, name, only, next);
          if (one !== undefined) candidates.push(one);
          if (breath.due) await breath.take();
        }
      }
      for (const one of await this.unignored(candidates)) {
        if (one.entry.kind === 'directory') {
          const directory = this.#enter(one);
          if (directory !== undefined) next.push({ directory, narrow: one.narrow });
        } else {
          this.know(one.directory, one.name, one.entry);
          found.push(one);
        }
        if (breath.due) await breath.take();
      }
      level = next;
    }
    return found;
  }

  /** Those that git does not ignore. */
  async unignored(candidates: readonly Candidate[]): Promise<Candidate[]> {
    const ignored = new Set<Candidate>();
    for (const [repository, those] of Map.groupBy(candidates, ({ directory }) => directory.repository)) {
      const start = repository === '' ? 0 : repository.length + 1;
      const inside = (one: Candidate) => one.directory.to(one.name).slice(start);
      const paths = await this.#ignoring.of(path.join(this.#dir, repository), those.map(inside));
      if (paths.size === 0) continue;
      for (const one of those) if (paths.has(inside(one))) ignored.add(one);
    }
    for (const { directory, name } of ignored) directory.ignored.add(name);
    return candidates.filter((one) => !ignored.has(one));
  }

  /**
   * Rules of git's have changed: what was ignored may not be any more, and the other way round. Answers with files that have
   * come meanwhile: what was ignored before was there.
   */
  async recheck(): Promise<Candidate[]> {
    if (this.#root === undefined) return [];
    this.#ignoring.changed();
    const known: Candidate[] = [];
    const ignored = new Set<string>();
    for (const directory of this.#root.all()) {
      for (const name of directory.ignored) ignored.add(directory.to(name));
      directory.ignored.clear();
      directory.rules = this.#rulesOf(directory.path);
      const entry: Entry = { kind: 'file', looks: '', inode: '', size: 0, link: false };
      const names = [...directory.files.keys(), ...directory.directories.keys()];
      for (const name of names) known.push({ directory, name, entry, place: directory.place });
    }
    await this.unignored(known);
    for (const directory of [...this.#root.all()])
      for (const name of directory.ignored) this.drop(directory, name);
    const found = await this.walk([{ directory: this.#root }]);
    return found.filter(({ directory, name }) => !isUnder(directory.to(name), ignored));
  }

  #rulesOf(dir: string): string | undefined {
    return entryAt(path.join(this.#dir, dir, RULES))?.looks;
  }

  /** What is in a file now, kept. */
  know(directory: Directory, name: string, entry: Entry): Known {
    const before = directory.files.get(name)?.hash;
    if (before !== undefined) this.#hashed -= 1;
    const hash = this.#hashed < MAX_HASHED ? hashOf(this.absolute(directory, name), entry) : undefined;
    if (hash !== undefined) this.#hashed += 1;
    const known = { looks: entry.looks, hash };
    directory.files.set(name, known);
    return known;
  }

  /** What was known of an entry, and of all below it, is so no more; answers with the paths of files. */
  drop(directory: Directory, name: string): string[] {
    const gone: string[] = [];
    const known = directory.files.get(name);
    if (known !== undefined) {
      if (known.hash !== undefined) this.#hashed -= 1;
      directory.files.delete(name);
      gone.push(directory.to(name));
    }
    const below = directory.directories.get(name);
    if (below !== undefined) {
      directory.directories.delete(name);
      for (const one of below.all()) for (const file of one.files.keys()) gone.push(one.to(file));
      this.close(below);
    }
    return gone;
  }

  /** Another directory has come into a directory's place. Throws `watch_off`. */
  replaced(directory: Directory, inode: string): void {
    directory.inode = inode;
    this.#eyes.open(directory.path);
  }

  close(directory: Directory): void {
    for (const one of directory.all()) {
      this.#eyes.close(one.path);
      for (const { hash } of one.files.values()) if (hash !== undefined) this.#hashed -= 1;
    }
  }

  /** Throws `watch_off` when the workspace's own directory is gone, or is another. */
  check(): void {
    if (this.#root !== undefined && entryAt(this.#dir)?.inode !== this.#root.inode) throw gone(this.#dir);
  }

  #begin(): Directory {
    const entry = entryAt(this.#dir);
    if (entry?.kind !== 'directory' || !this.#eyes.open('')) throw gone(this.#dir);
    const root = new Directory('', entry.inode, '', this.wanted.root());
    root.rules = this.#rulesOf('');
    return root;
  }

  /** The names in a directory that may matter. */
  names(directory: Directory, narrow?: Place): string[] {
    const places = narrow ?? directory.place;
    // Names that are folded are not those on the disk.
    const few = this.#folds.case || this.#folds.unicode ? undefined : namesIn(places);
    if (few !== undefined) return few;
    try {
      return fs.readdirSync(path.join(this.#dir, directory.path));
    } catch {
      return [];
    }
  }

  /** One entry on a walk: into `next` when it is a directory that is watched already. */
  #meet(
    { directory, narrow }: Visit,
    name: string,
    only: Wanted | undefined,
    next: Visit[],
  ): Candidate | undefined {
    if (name === GIT_DIR || directory.ignored.has(name)) return undefined;
    const place = this.wanted.enter(directory.place, name);
    const within = narrow === undefined ? undefined : only?.enter(narrow, name);
    if (place === undefined || (narrow !== undefined && within === undefined)) return undefined;
    const there = directory.directories.get(name);
    if (there !== undefined) {
      there.place = place;
      next.push({ directory: there, narrow: within });
      return undefined;
    }
    if (directory.files.has(name)) return undefined;
    return this.candidate(directory, name, place, within);
  }

  /** What is there, if it is to be watched. */
  candidate(directory: Directory, name: string, place: Place, narrow?: Place): Candidate | undefined {
    const entry = entryAt(this.absolute(directory, name));
    if (entry === undefined) return undefined;
    const worth =
      entry.kind === 'directory' ? leadsOn(place) : entry.kind === 'file' ? isClaimed(place) : false;
    return worth ? { directory, name, entry, place, narrow } : undefined;
  }

  #enter({ directory, name, entry, place }: Candidate): Directory | undefined {
    const own = directory.to(name);
    // First the watch, then the look: what comes in between is seen twice rather than never.
    if (!this.#eyes.open(own)) return undefined;
    const root = entryAt(path.join(this.#dir, own, GIT_DIR)) === undefined ? directory.repository : own;
    const child = new Directory(own, entry.inode, root, place);
    child.rules = this.#rulesOf(own);
    directory.directories.set(name, child);
    return child;
  }

  /** Closes what only claims that are gone had led to. */
  async #prune(directory: Directory, gone: Wanted, was: Place): Promise<void> {
    directory.place = this.wanted.at(directory.path) ?? directory.place;
    const breath = new Breath();
    for (const [name, child] of [...directory.directories]) {
      const before = gone.enter(was, name);
      if (before === undefined) continue;
      const place = this.wanted.enter(directory.place, name);
      if (place === undefined || !leadsOn(place)) this.drop(directory, name);
      else await this.#prune(child, gone, before);
      if (breath.due) await breath.take();
    }
    for (const name of [...directory.files.keys()]) {
      const place = this.wanted.enter(directory.place, name);
      if (place === undefined || !isClaimed(place)) this.drop(directory, name);
    }
  }
}

function gone(dir: string): SkeinError {
  return new SkeinError('watch_off', `${dir} is not there any more, or is not what it was.`, { dir });
}
