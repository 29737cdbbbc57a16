/**
 * Where the paths that an agent names really are (rule A5): a policy is asked about each as it is written and as the disk has
 * it, so that neither `..` nor a symbolic link leads past it.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type AskedPlaces, askedPlaces } from '@skein/protocol/agents/events';
import type { AgentState } from '@skein/protocol/agents/state';
import type { SessionState } from '@skein/protocol/sessions/state';
import { realPath } from '../../platform/real-path.ts';
import type { AskedPath } from './decide.ts';

/** A scheme in front: no path of this machine, or one told in a way that we do not read. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;

/** Null when one of them cannot be told: then nothing is known of any. */
export function located(paths: readonly string[], cwd: string): AskedPath[] | null {
  const out: AskedPath[] = [];
  for (const given of paths) {
    const found = places(given, cwd);
    if (found === undefined) return null;
    out.push(...found);
  }
  return out;
}

/** The same with what policies are to know of the disk beside them; undefined when one cannot be told. */
export function placesOf(paths: readonly string[], cwd: string): AskedPlaces | undefined {
  const found = located(paths, cwd);
  if (found === null) return undefined;
  return { paths: found, cwd: bothWays(cwd), homes: bothWays(os.homedir()) };
}

/** What tells home of them, of an agent that it commands here (rule X2): its policies are to know, and cannot look. */
export function placesToTell(
  { hosted }: Pick<SessionState, 'hosted'>,
  { cwd }: Pick<AgentState, 'cwd'>,
): TellPlaces | undefined {
  return hosted === null ? undefined : (paths) => askedPlaces.safeParse(placesOf(paths, cwd)).data;
}
export type TellPlaces = (paths: readonly string[]) => AskedPlaces | undefined;

/** A directory as it is written, and as it really is. */
export function bothWays(dir: string): string[] {
  const real = realPath(dir);
  return real === undefined || real === path.resolve(dir) ? [path.resolve(dir)] : [path.resolve(dir), real];
}

function places(given: string, cwd: string): AskedPath[] | undefined {
  if (given === '' || given.includes('\0') || SCHEME.test(given)) return undefined;
  // Some programs take `~` for the user's directory, and some for a name.
  if (given.startsWith('~')) {
    if (given !== '~' && !given.startsWith('~/')) return undefined;
    const [home, literal] = [places(os.homedir() + given.slice(1), cwd), places(`./${given}`, cwd)];
    return home === undefined || literal === undefined ? undefined : [...home, ...literal];
  }
  const written = path.isAbsolute(given) ? given : `${cwd}/${given}`;
  const resolved = path.resolve(written);
  // The system follows a link before it goes up from there; many programs take `..` away first.
  const [real, realResolved] = [realPath(written), realPath(resolved)];
  if (real === undefined || realResolved === undefined) return undefined;
  return [...new Set([resolved, realResolved, real])].map((one) => ({
    path: one,
    tree: given.endsWith('/') || isDirectory(one),
  }));
}

function isDirectory(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
}
