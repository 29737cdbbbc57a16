/** The socket file at which a server listens, made anew when it is gone: whatever cleans up old files takes it, and nobody finds the node. */
import fs from 'node:fs';
import type { Server } from 'node:net';
import path from 'node:path';
import { isCode } from './files.ts';

/** Milliseconds from one look to the next. */
const LOOK_MS = 5_000;

interface Means {
  /** Milliseconds from one look to the next. */
  every?: number;
  /** It was gone, and is there again. */
  anew?(): void;
  /** Asked when it is gone: whether the place is another's now, where nothing is to be made or removed any more. */
  lost?(): boolean;
}

export class OwnSocket {
  readonly #server: Server;
  readonly #path: string;
  readonly #means: Means;
  /** Its device and inode: a copy of the disk that it is on has the same inodes. */
  #file: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** The path is this process's alone: what is there is what a dead one left. */
  constructor(server: Server, at: string, means: Means = {}) {
    this.#server = server;
    this.#path = at;
    this.#means = means;
  }

  async open(): Promise<void> {
    await this.#listen();
    this.#later();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #listen(): Promise<void> {
    fs.rmSync(this.#path, { force: true });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(this.#path, resolve);
    await promise.finally(() => this.#server.off('error', reject));
    fs.chmodSync(this.#path, 0o600);
    this.#file = fileOf(fs.statSync(this.#path));
  }

  #later(): void {
    if (!this.#closed)
      this.#timer = setTimeout(() => void this.#look(), this.#means.every ?? LOOK_MS).unref();
  }

  async #look(): Promise<void> {
    try {
      if ((await this.#gone()) && !this.#closed) {
        if (this.#means.lost?.() === true) return this.close();
        // A directory that was moved took the socket along, which serves there until there is a place for another.
        makeAgain(path.dirname(this.#path));
        // Who is connected stays so. This comes before: it removes whatever is at the path.
        this.#server.close();
        await this.#listen();
        this.#means.anew?.();
      }
    } catch {
      // As on a full disk, or with the home gone: looked at again.
    }
    this.#later();
  }

  async #gone(): Promise<boolean> {
    try {
      return fileOf(await fs.promises.stat(this.#path)) !== this.#file;
    } catch (error) {
      return isCode(error, 'ENOENT', 'ENOTDIR');
    }
  }
}

const fileOf = ({ dev, ino }: fs.Stats): string => `${dev} ${ino}`;

/** Not what it is in: a home that was removed stays so. */
function makeAgain(dir: string): void {
  try {
    fs.mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
}
