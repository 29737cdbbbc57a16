/**
 * A directory held open, and what lies beneath it, reached without following a single link: whatever others rename or link
 * meanwhile, a file is opened where it was meant to be, or not at all.
 *
 * Node has no openat. On Linux `/proc/self/fd/N/name` is the same thing: it begins at the open directory itself, wherever
 * that is by now. Elsewhere the path is used that the directory had, and its identity compared before and after.
 */
import fs from 'node:fs';
import path from 'node:path';
import { isCode } from './files.ts';

const linux = process.platform === 'linux';
const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = fs.constants;
/** Linux: to reach it, not to read it, which may not be allowed. Node does not name it. */
const O_PATH = 0o10000000;
const AS_DIRECTORY = O_DIRECTORY | O_NOFOLLOW | (linux ? O_PATH : O_RDONLY);

/** Something on the way is not what it was, or never was a directory. */
export class Swapped extends Error {}

export class Beneath {
  readonly #fd: number;
  readonly #path: string;

  private constructor(fd: number, dir: string) {
    this.#fd = fd;
    this.#path = dir;
  }

  /**
   * The directory at `names` beneath `root`, which is absolute; with `make`, what is missing on the way is made. Throws
   * `Swapped` where a link or a file is in the way, and the system's errors.
   */
  static open(root: string, names: readonly string[], make = false): Beneath {
    let at = new Beneath(fs.openSync(root, AS_DIRECTORY & ~O_NOFOLLOW), root);
    for (const name of names) {
      try {
        const next = at.#child(name, make);
        at.close();
        at = next;
      } catch (error) {
        at.close();
        if (isCode(error, 'ELOOP', 'ENOTDIR')) throw new Swapped();
        throw error;
      }
    }
    return at;
  }

  #child(name: string, make: boolean): Beneath {
    const to = path.join(this.#path, name);
    try {
      return new Beneath(fs.openSync(this.at(name), AS_DIRECTORY), to);
    } catch (error) {
      if (!make || !isCode(error, 'ENOENT')) throw error;
    }
    try {
      fs.mkdirSync(this.at(name));
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    }
    return new Beneath(fs.openSync(this.at(name), AS_DIRECTORY), to);
  }

  /** What to call an entry of this directory when asking the system. `name` is one name. */
  at(name: string): string {
    return linux ? `/proc/self/fd/${this.#fd}/${name}` : path.join(this.#path, name);
  }

  /** Whether it is still where it was opened. */
  isThere(): boolean {
    try {
      if (linux) return fs.readlinkSync(`/proc/self/fd/${this.#fd}`) === this.#path;
      const [held, there] = [fs.fstatSync(this.#fd), fs.lstatSync(this.#path)];
      return held.dev === there.dev && held.ino === there.ino;
    } catch {
      return false;
    }
  }

  /** Opens one of its entries with these flags; a link is not followed. Throws `Swapped` where there is one. */
  file(name: string, flags: number, mode?: number): number {
    try {
      return fs.openSync(this.at(name), flags | O_NOFOLLOW, mode);
    } catch (error) {
      if (isCode(error, 'ELOOP')) throw new Swapped();
      throw error;
    }
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}
