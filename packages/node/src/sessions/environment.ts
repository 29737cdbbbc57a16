/**
 * Environments of programs yet to be started. They hold secrets, so they never enter a command, an event or the log:
 * each lies in a file of its own, 0600, from the client's asking until the program runs.
 */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { FILE_MODE, makeDir, readJson } from '../platform/files.ts';

/** Milliseconds after which one that nobody used is removed. */
const KEEP_MS = 3600_000;

export class Environments {
  readonly #dir: string;

  constructor(home: string) {
    this.#dir = path.join(home, 'spool');
    makeDir(this.#dir);
  }

  /** Keeps an environment, and returns the handle by which it is found. */
  keep(vars: Record<string, string>): string {
    const handle = newId() + newId();
    fs.writeFileSync(this.#file(handle), JSON.stringify(vars), { mode: FILE_MODE, flag: 'wx' });
    return handle;
  }

  take(handle: string): Record<string, string> {
    const vars = readJson(this.#file(handle)) as Record<string, string> | undefined;
    if (vars === undefined) {
      throw new SkeinError(
        'start_failed',
        'The environment for this program is not kept any more. Run it again.',
      );
    }
    return vars;
  }

  drop(handle: string): void {
    fs.rmSync(this.#file(handle), { force: true });
  }

  /** Removes what was left behind. */
  sweep(now: number): void {
    for (const name of fs.readdirSync(this.#dir)) {
      const file = path.join(this.#dir, name);
      const stat = fs.statSync(file, { throwIfNoEntry: false });
      if (stat !== undefined && now - stat.mtimeMs > KEEP_MS) fs.rmSync(file, { force: true });
    }
  }

  #file(handle: string): string {
    if (!/^[a-z2-7]{24}$/.test(handle))
      throw new SkeinError('bad_request', 'This is no handle of an environment.');
    return path.join(this.#dir, handle);
  }
}
