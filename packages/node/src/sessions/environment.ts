/**
 * Environments of programs yet to be started. They hold secrets, so they never enter a command, an event or the log:
 * each lies in a file of its own, 0600, from the client's asking until the program begins, or is refused.
 */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import type { Command } from '../kernel/types.ts';
import { FILE_MODE, makeDir, readJson } from '../platform/files.ts';

/** Milliseconds after which one that nobody used is removed. */
const KEEP_MS = 3600_000;
/** Milliseconds from one look at what is left to the next. */
const LOOK_MS = 600_000;
/** What `newId` makes, twice. */
const HANDLE = /^[a-z2-7]{24}$/;

export class Environments {
  readonly #dir: string;
  #next: NodeJS.Timeout | undefined;

  constructor(home: string) {
    this.#dir = path.join(home, 'spool');
    makeDir(this.#dir);
  }

  /** Keeps an environment, and returns the handle by which it is found. */
  keep(vars: Record<string, string>): string {
    const handle = newId() + newId();
    fs.writeFileSync(this.#file(handle), JSON.stringify(vars), { mode: FILE_MODE, flag: 'wx' });
    this.#later();
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

  /** Drops what a refused command was to start its program with: nobody else will ask for it. */
  refused(command: Pick<Command, 'type' | 'body'>): void {
    const handle = handleIn(command);
    if (handle === undefined) return;
    try {
      this.drop(handle);
    } catch {
      // It goes with what is left behind.
    }
  }

  /** Removes what was left behind, now and as long as there is any. */
  sweep(): void {
    let left = false;
    for (const name of fs.readdirSync(this.#dir)) {
      const file = path.join(this.#dir, name);
      const stat = fs.statSync(file, { throwIfNoEntry: false });
      if (stat === undefined) continue;
      if (Date.now() - stat.mtimeMs >= KEEP_MS) fs.rmSync(file, { force: true });
      else left = true;
    }
    if (left) this.#later();
  }

  stop(): void {
    clearTimeout(this.#next);
  }

  #later(): void {
    this.#next ??= setTimeout(() => {
      this.#next = undefined;
      try {
        this.sweep();
      } catch {
        // A disk that refuses, most likely: they are there for the next look.
        this.#later();
      }
    }, LOOK_MS).unref();
  }

  #file(handle: string): string {
    if (!HANDLE.test(handle)) throw new SkeinError('bad_request', 'This is no handle of an environment.');
    return path.join(this.#dir, handle);
  }
}

/** The handle that a command names; its body is whatever somebody has sent. */
function handleIn({ type, body }: Pick<Command, 'type' | 'body'>): string | undefined {
  const opened = type === 'session.open' ? (body as { agent?: unknown } | null)?.agent : body;
  if (!['session.create', 'session.open', 'agent.add'].includes(type)) return undefined;
  const { env } = (opened ?? {}) as { env?: unknown };
  return typeof env === 'string' && HANDLE.test(env) ? env : undefined;
}
