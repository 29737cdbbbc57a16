/** Whether files are still as their writer knows them, and what it learns of them (rule W3). */
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import { Swapped } from '../../platform/beneath.ts';
import { isCode } from '../../platform/files.ts';
import type { Refused, Writer } from '../gate.ts';
import { foldPath } from './fold-path.ts';
import { refused, unclear } from './looking.ts';
import type { Place } from './realised.ts';
import type { Seen } from './seen.ts';
import { NO_FILE, type Version, versionAt } from './versions.ts';
import { type Change, staleWords } from './words.ts';

/** Milliseconds by which a file's time may lie behind the clock: systems take it from their last tick. */
const TICK = 20;
/** Of a file that changed while it was read: no file is of this version. */
const IN_DOUBT = 'doubt';

export interface Compared {
  refused: Refused | undefined;
  /** What is there now, by path. */
  versions: Map<string, Version>;
}

/**
 * Holds files against what the writer knows of them; of what it does not know, nothing is said, nor where its `own` version is
 * there already.
 */
export async function compare(
  state: WorkspaceState,
  seen: Seen,
  writer: Writer,
  places: readonly Place[],
  own?: string,
): Promise<Compared> {
  const versions = new Map<string, Version>();
  const stale: string[] = [];
  let change: Change | undefined;
  for (const { path, is } of places) {
    if (is === 'directory' || is === 'link') continue;
    const now = await versionHere(state, path);
    if (now === 'swapped') return { refused: unclear(path, 'moved'), versions };
    if (now === undefined) continue;
    versions.set(path, now);
    const key = foldPath(path, state.folds);
    const known = seen.version(writer.run, key);
    if (known === undefined || known === now.version || now.version === own) continue;
    stale.push(path);
    change ??= {
      path,
      before: await before(seen, writer.run, key, known),
      after: after(now),
      doubted: known === IN_DOUBT,
    };
    // Whoever is never known to read has now been shown what is there.
    if (!writer.tellsReads) seen.learn(writer.run, key, now);
  }
  if (change === undefined) return { refused: undefined, versions };
  return { refused: refused('stale', stale, staleWords(change, !writer.tellsReads)), versions };
}

/** What a writer has read; with `at`, only if it was as it is by then. */
export async function learnRead(
  state: WorkspaceState,
  seen: Seen,
  run: string,
  places: readonly Place[],
  at?: number,
): Promise<void> {
  for (const { path, is } of places) {
    if (is === 'directory' || is === 'link') continue;
    const now = await versionHere(state, path);
    if (now === 'swapped' || now === undefined) continue;
    const key = foldPath(path, state.folds);
    const sure = at === undefined || now.changed < at - TICK || seen.version(run, key) === now.version;
    seen.learn(run, key, sure ? now : { version: IN_DOUBT, text: null });
  }
}

/**
 * What a writer knows since a call of it has ended. `began` is what was there when it began, by path: a file that it did not
 * know, and has not changed, it does not know now.
 */
export async function learnWritten(
  state: WorkspaceState,
  seen: Seen,
  run: string,
  paths: readonly string[],
  began: ReadonlyMap<string, string> | undefined,
): Promise<void> {
  for (const path of paths) {
    const now = await versionHere(state, path);
    if (now === 'swapped' || now === undefined) continue;
    const key = foldPath(path, state.folds);
    if (seen.version(run, key) === undefined && began?.get(path) === now.version) continue;
    seen.learn(run, key, now);
  }
}

/** Undefined for what the node may not read: then its writer may not either, or writes it unread. */
async function versionHere({ root }: WorkspaceState, path: string): Promise<Version | 'swapped' | undefined> {
  try {
    return await versionAt(root, path);
  } catch (error) {
    if (error instanceof Swapped) return 'swapped';
    if (isCode(error, 'EACCES', 'EPERM', 'EIO')) return undefined;
    throw error;
  }
}

async function before(
  seen: Seen,
  run: string,
  key: string,
  known: string,
): Promise<string | null | undefined> {
  if (known === NO_FILE) return undefined;
  return known === IN_DOUBT ? null : await seen.text(run, key);
}

function after({ version, text }: Version): string | null | undefined {
  return version === NO_FILE ? undefined : text;
}
