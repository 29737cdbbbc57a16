/**
 * What has become of entries of which the system told something (rule W4): looked at once they have come to rest, since many
 * programs empty a file, or move it away, before they write it.
 */
import { Breath } from './breath.ts';
import type { Directory } from './directory.ts';
import { differs, type Entry, entryAt } from './fingerprint.ts';
import { type Candidate, RULES, type Tree } from './tree.ts';
import { isClaimed } from './wanted.ts';

export interface Written {
  /** Relative to the workspace. */
  path: string;
  what: 'created' | 'changed' | 'removed';
  /** When the system told of it, in milliseconds of the monotonic clock. */
  at: number;
}

/** Milliseconds after which an entry that still looks the same is at rest. */
export const SETTLE_MS = 120;
/** Looks at one that changes all the time, after which it is taken as it is. */
const MAX_LOOKS = 8;

interface Unsettled {
  at: number;
  looks: string;
  count: number;
}

export class Looking {
  readonly #tree: Tree;
  /** Told of since they were last looked at, with when first. */
  #told = new Map<Directory, Map<string, number>>();
  #unsettled = new Map<Directory, Map<string, Unsettled>>();
  /** Rules of git's have changed. */
  rules = false;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** Whether something waits until it has come to rest. */
  get waits(): boolean {
    return this.#unsettled.size > 0;
  }

  /** Cheap, since it is called for every event of the system's. */
  tell(directory: Directory, name: string, at: number): void {
    const names = this.#told.get(directory);
    if (names === undefined) this.#told.set(directory, new Map([[name, at]]));
    else if (!names.has(name)) names.set(name, at);
  }

  /** Everything is to be looked at again, since the system may not have told all. */
  tellAll(at: number, from: Directory | undefined = this.#tree.root): void {
    if (from === undefined) return;
    for (const directory of from.all()) {
      const known = [...directory.files.keys(), ...directory.directories.keys()];
      for (const name of [...known, ...this.#tree.names(directory)]) this.tell(directory, name, at);
    }
  }

  /** Looks at all that was told of, and at what has not come to rest. Throws `watch_off`. */
  async look(): Promise<Written[]> {
    const written: Written[] = [];
    const told = this.#told;
    const unsettled = this.#unsettled;
    this.#told = new Map();
    this.#unsettled = new Map();
    for (const [directory, names] of unsettled)
      for (const [name, { at }] of names) add(told, directory, name, at);
    const files: { one: Candidate; at: number }[] = [];
    const directories: { one: Candidate; at: number }[] = [];
    const breath = new Breath();
    for (const [directory, names] of told) {
      if (this.#tree.root?.find(directory.path) !== directory) continue;
      for (const [name, at] of names) {
        const new_ = this.#lookAt(directory, name, at, unsettled.get(directory)?.get(name), written);
        if (new_ !== undefined)
          (new_.entry.kind === 'directory' ? directories : files).push({ one: new_, at });
        if (breath.due) await breath.take();
      }
    }
    await this.#created(files, written);
    await this.#entered(directories, written);
    return written;
  }

  /** Heeds rules of git's that have changed. Throws `watch_off`. */
  async heed(at: number): Promise<Written[]> {
    if (!this.rules) return [];
    this.rules = false;
    const created = await this.#tree.recheck();
    return created.map(({ directory, name }) => ({ path: directory.to(name), what: 'created', at }));
  }

  /** Answers with what is new, and at rest. */
  #lookAt(
    directory: Directory,
    name: string,
    at: number,
    before: Unsettled | undefined,
    written: Written[],
  ): Candidate | undefined {
    if (name === '.git') return undefined;
    if (name === RULES) this.#lookAtRules(directory);
    if (directory.ignored.has(name)) return undefined;
    const place = this.#tree.wanted.enter(directory.place, name);
    if (place === undefined) return undefined;
    const entry = entryAt(this.#tree.absolute(directory, name));
    const child = directory.directories.get(name);
    if (entry?.kind === 'directory') {
      if (child === undefined) {
        for (const path of this.#tree.drop(directory, name)) written.push({ path, what: 'removed', at });
        return this.#tree.candidate(directory, name, place);
      }
      if (child.inode !== entry.inode) {
        this.#tree.replaced(child, entry.inode);
        this.tellAll(at, child);
      }
      return undefined;
    }
    const known = directory.files.get(name);
    if (known === undefined && child === undefined && (entry === undefined || !isClaimed(place)))
      return undefined;
    if (known !== undefined && entry?.looks === known.looks) return undefined;
    const looks = entry?.looks ?? '';
    const count = (before?.count ?? 0) + 1;
    if (before === undefined || (before.looks !== looks && count < MAX_LOOKS)) {
      add(this.#unsettled, directory, name, { at, looks, count });
      return undefined;
    }
    return this.#settled(directory, name, entry, at, written);
  }

  #lookAtRules(directory: Directory): void {
    if (entryAt(this.#tree.absolute(directory, RULES))?.looks !== directory.rules) this.rules = true;
  }

  #settled(
    directory: Directory,
    name: string,
    entry: Entry | undefined,
    at: number,
    written: Written[],
  ): Candidate | undefined {
    const known = directory.files.get(name);
    if (entry?.kind === 'file' && known !== undefined) {
      if (differs(known, this.#tree.know(directory, name, entry)))
        written.push({ path: directory.to(name), what: 'changed', at });
      return undefined;
    }
    for (const path of this.#tree.drop(directory, name)) written.push({ path, what: 'removed', at });
    const place = this.#tree.wanted.enter(directory.place, name);
    return place === undefined ? undefined : this.#tree.candidate(directory, name, place);
  }

  async #created(files: readonly { one: Candidate; at: number }[], written: Written[]): Promise<void> {
    const times = new Map(files.map(({ one, at }) => [one, at]));
    for (const one of await this.#tree.unignored(files.map((file) => file.one))) {
      const { directory, name, entry } = one;
      this.#tree.know(directory, name, entry);
      written.push({ path: directory.to(name), what: 'created', at: times.get(one) ?? 0 });
    }
  }

  /** Directories that have come, and all that was in them by then. */
  async #entered(found: readonly { one: Candidate; at: number }[], written: Written[]): Promise<void> {
    const at = Math.min(...found.map((each) => each.at));
    const parents = new Set(found.map(({ one }) => one.directory));
    const created = await this.#tree.walk([...parents].map((directory) => ({ directory })));
    for (const { directory, name } of created)
      written.push({ path: directory.to(name), what: 'created', at });
  }
}

function add<V>(all: Map<Directory, Map<string, V>>, directory: Directory, name: string, value: V): void {
  const names = all.get(directory);
  if (names === undefined) all.set(directory, new Map([[name, value]]));
  else names.set(name, value);
}
