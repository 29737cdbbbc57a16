/** The node's side of a run's hooks: takes what they report in order, and answers those that wait. */
import fs from 'node:fs';
import path from 'node:path';
import { answersIn, makeSpool, putFile, reportsIn } from './places.ts';

/** Reports taken at once. */
const BATCH = 64;
/** Bytes of a report; what is longer was not written by our hooks. */
const MAX_REPORT = 16 * 1024 * 1024;
/** Milliseconds between two looks, should the system have failed to tell of a file. */
const LOOK_MS = 2_000;

export interface Reported {
  /** Of the file that it is in. */
  name: string;
  /** One line of JSON, as it was written. */
  line: string;
}

export class HookSpool {
  readonly #dir: string;
  readonly #reported: () => void;
  #watcher: fs.FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #answered = new Set<string>();

  /** `reported` is called whenever there may be something to take. */
  constructor(dir: string, reported: () => void) {
    this.#dir = dir;
    this.#reported = reported;
  }

  start(): void {
    makeSpool(this.#dir);
    this.#watcher = fs.watch(reportsIn(this.#dir), () => this.#reported());
    // It is removed under us only at the very end.
    this.#watcher.on('error', () => {});
    this.#timer = setInterval(() => this.#reported(), LOOK_MS).unref();
  }

  stop(): void {
    this.#watcher?.close();
    clearInterval(this.#timer);
  }

  /** The oldest of what was reported, but for those that are `known`. */
  reports(known: ReadonlySet<string>): Reported[] {
    const dir = reportsIn(this.#dir);
    const names = listed(dir).filter((name) => !name.startsWith('.') && !known.has(name));
    return names
      .sort()
      .slice(0, BATCH)
      .map((name) => ({ name, line: lineOf(path.join(dir, name)) }));
  }

  /** These are recorded, and not to be taken again. */
  remove(reports: readonly Reported[]): void {
    for (const { name } of reports) fs.rmSync(path.join(reportsIn(this.#dir), name), { force: true });
  }

  /** Lets a hook that waits end, with what it is to print. Twice is the same as once. */
  answer(id: string, text: string): void {
    if (this.#answered.has(id) || !/^[\w-]{1,64}$/.test(id)) return;
    this.#answered.add(id);
    putFile(answersIn(this.#dir), id, text);
  }

  /** The run is over, and all that was reported of it is recorded: hooks that still wait see that nobody is there. */
  clear(): void {
    fs.rmSync(this.#dir, { recursive: true, force: true });
  }
}

function listed(dir: string): string[] {
  try {
    return fs.readdirSync(dir);
  } catch {
    return [];
  }
}

/** One line, whatever is in the file: what is no JSON is told as that by the driver. */
function lineOf(file: string): string {
  try {
    if (fs.statSync(file).size > MAX_REPORT) return 'A report that is too long.';
    return fs.readFileSync(file, 'utf8').replaceAll('\n', ' ');
  } catch {
    return '';
  }
}
