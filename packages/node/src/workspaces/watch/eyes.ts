/**
 * Watches directories through the operating system: on Linux one inotify watch a directory, on macOS one stream of events for the
 * whole tree. Tells names, and when the system may have dropped some: inotify's queue is bounded, and Node tells nobody that it
 * was full.
 */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';

/** Of inotify's queue, where the system does not say; the kernel's own default. */
const QUEUE = 16_384;

export interface EyesEvents {
  /** Something happened to an entry of a directory (relative to the root, '' is the root). */
  seen(dir: string, name: string): void;
  /** Something may have happened of which nothing was told. */
  missed(): void;
  /** Nothing can be watched any more, or not all of it. */
  failed(error: SkeinError): void;
}

export class Eyes {
  readonly #root: string;
  readonly #events: EyesEvents;
  readonly #most = burst();
  readonly #open = new Map<string, fs.FSWatcher>();
  #tree: fs.FSWatcher | undefined;
  #inTurn = 0;

  constructor(root: string, events: EyesEvents) {
    this.#root = root;
    this.#events = events;
  }

  /** How many watches the system keeps for it. */
  get count(): number {
    return this.#tree === undefined ? this.#open.size : 1;
  }

  /** From now on tells what happens to the entries of a directory. False when it is gone. Throws `watch_off`. */
  open(dir: string): boolean {
    this.close(dir);
    try {
      if (process.platform === 'darwin') this.#openTree();
      else this.#open.set(dir, this.#watch(dir));
      return true;
    } catch (error) {
      const problem = limitOf(error);
      if (problem !== undefined) throw problem;
      return false;
    }
  }

  close(dir: string): void {
    this.#open.get(dir)?.close();
    this.#open.delete(dir);
  }

  stop(): void {
    for (const watcher of this.#open.values()) watcher.close();
    this.#open.clear();
    this.#tree?.close();
    this.#tree = undefined;
  }

  #watch(dir: string): fs.FSWatcher {
    const watcher = fs.watch(path.join(this.#root, dir), (_, name) => {
      this.#counted();
      if (name !== null) this.#events.seen(dir, name);
    });
    // The directory is gone; its parent tells.
    watcher.on('error', () => this.close(dir));
    return watcher;
  }

  #openTree(): void {
    if (this.#tree !== undefined) return;
    const tree = fs.watch(this.#root, { recursive: true }, (_, name) => {
      if (name === null) this.#events.missed();
      else {
        const dir = path.dirname(name);
        this.#events.seen(dir === '.' ? '' : dir, path.basename(name));
      }
    });
    tree.on('error', (error) =>
      this.#events.failed(new SkeinError('watch_off', `The system stopped watching: ${error.message}.`)),
    );
    this.#tree = tree;
  }

  /**
   * All that waits in the queue is told in one turn of the loop. A queue can only have been full if a turn tells as much as it
   * holds; half of it, since some of what it holds is not told on.
   */
  #counted(): void {
    this.#inTurn += 1;
    if (this.#inTurn === 1)
      setImmediate(() => {
        this.#inTurn = 0;
      });
    if (this.#inTurn === this.#most) this.#events.missed();
  }
}

/** Events in one turn from which on some may have been dropped. */
function burst(): number {
  const told = Number(setting('max_queued_events'));
  return Math.floor((Number.isSafeInteger(told) && told > 1 ? told : QUEUE) / 2);
}

function setting(name: string): string {
  try {
    return fs.readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8').trim();
  } catch {
    return '';
  }
}

function limitOf(error: unknown): SkeinError | undefined {
  const { code } = error as NodeJS.ErrnoException;
  const of = { ENOSPC: 'max_user_watches', EMFILE: 'max_user_instances' }[code ?? ''];
  if (of === undefined) return undefined;
  const now = setting(of);
  const message = `The system lets this user watch no more (fs.inotify.${of}${now === '' ? '' : ` is ${now}`}). Raise it: sudo sysctl fs.inotify.${of}=${Math.max(Number(now) * 4, 524_288)}`;
  return new SkeinError('watch_off', message, { limit: of });
}
