/**
 * Runs git, for all that workspaces do: it asks nobody anything, pages nothing, speaks English, runs no hooks and no
 * background work, ends in time, and what it says is within bounds and without passwords. Paths and refs from outside are given
 * behind `--` or checked not to begin with `-`.
 */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { type GroupEnd, runGroup } from '../platform/group.ts';
import { withoutPasswords } from './passwords.ts';
import { plainEnvironment } from './plain-environment.ts';

/** Milliseconds that a command may take unless it is said; and one that fetches. */
export const GIT_MS = 120_000;
export const FETCH_MS = 2 * 3_600_000;
/** Bytes of what it prints that are kept unless it is said; and of what is of no use but whole. */
const MOST = 16 * 1024 * 1024;
export const MOST_WHOLE = 256 * 1024 * 1024;
/** Exit statuses from here on mean that a signal ended it, which is an answer to nothing. */
const KILLED = 129;
/** Characters of what it said that an error tells. */
const TOLD = 2_000;

/** Variables of git's own that say who commits, or where its settings are; no other passes (GIT_DIR would lead it astray). */
const OWN = [
  ...['GIT_AUTHOR_NAME', 'GIT_AUTHOR_EMAIL', 'GIT_COMMITTER_NAME', 'GIT_COMMITTER_EMAIL', 'EMAIL'],
  ...['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM', 'GIT_SSH', 'GIT_SSH_COMMAND'],
  ...['GIT_SSH_VARIANT', 'GIT_EXEC_PATH', 'GIT_SSL_CAINFO', 'GIT_SSL_NO_VERIFY'],
];

const QUIET: Record<string, string> = {
  LC_ALL: 'C',
  // Nobody is there to be asked: neither at a terminal nor by a window.
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: 'false',
  SSH_ASKPASS: 'false',
  SSH_ASKPASS_REQUIRE: 'never',
  GIT_PAGER: 'cat',
  GIT_EDITOR: ':',
  GIT_SEQUENCE_EDITOR: ':',
  GIT_MERGE_AUTOEDIT: 'no',
  // Looking at a tree of the user's takes no lock in it.
  GIT_OPTIONAL_LOCKS: '0',
};

/** `ext::` runs whatever it is given. A repository's own hooks run only where somebody has asked for them. */
const SETTINGS = {
  'protocol.ext.allow': 'never',
  'core.fsmonitor': 'false',
  'core.hooksPath': '/dev/null',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'http.lowSpeedLimit': '1',
  'http.lowSpeedTime': '120',
  'core.quotePath': 'false',
  'advice.detachedHead': 'false',
  'submodule.recurse': 'false',
  // A stash would be one more entry of a tree that has none.
  'status.showStash': 'false',
};

export interface GitOptions {
  /** Milliseconds. */
  timeout?: number;
  signal?: AbortSignal | undefined;
  input?: string | Uint8Array;
  /** What it reads instead: a file from a byte on. */
  from?: { file: string; at: number };
  /** Bytes of stdout that are kept. */
  most?: number;
  /** Exit statuses that are answers; others are errors. Only 0 unless given; `any` for all. */
  answers?: readonly number[] | 'any';
  env?: Record<string, string>;
  /** Settings on top: of the same name instead of ours, null for the repository's own. */
  settings?: Record<string, string | null>;
  /** The last line of the progress that it shows. */
  onProgress?: (line: string) => void;
}

export interface GitSaid {
  code: number;
  stdout: Buffer;
  /** Its last 16 MiB, for people; without passwords. */
  stderr: string;
  /** More was printed on stdout than was kept. */
  cut: boolean;
}

/** In a directory. Throws `git_missing`, `git_failed` (its words in the message, `{code, args}` in data), `timeout`. */
export async function git(dir: string, args: readonly string[], options: GitOptions = {}): Promise<GitSaid> {
  const { timeout = GIT_MS, most = MOST, answers = [0], onProgress } = options;
  const settings = { ...SETTINGS, ...lfs(), ...options.settings };
  const words = Object.entries(settings).flatMap(([key, value]) =>
    value === null ? [] : ['-c', `${key}=${value}`],
  );
  let end: GroupEnd;
  try {
    end = await runGroup(['git', '--no-pager', ...words, ...args], {
      cwd: dir,
      env: { ...gitEnvironment(), ...options.env },
      ...{ timeout, most, signal: options.signal, input: options.input, from: options.from, lasting: true },
      onErrors: onProgress === undefined ? undefined : (bytes) => onProgress(lastLine(bytes)),
    });
  } catch (error) {
    if (!fs.existsSync(dir))
      throw new SkeinError('bad_cwd', `There is no directory ${dir} any more.`, { cwd: dir });
    const message = 'git cannot be run here. Install it, or look at the PATH of the node: skein doctor';
    throw new SkeinError('git_missing', message, { why: SkeinError.from(error).message });
  }
  const stderr = withoutPasswords(end.stderr.toString('utf8'));
  const verb = args.find((word) => !word.startsWith('-')) ?? '';
  if (end.why === 'timeout')
    throw new SkeinError(
      'timeout',
      `git ${verb} took longer than ${Math.round(timeout / 1000)} s, and was ended.`,
    );
  if (end.why === 'aborted') throw new SkeinError('gone', `git ${verb} was ended.`);
  const code = end.code ?? KILLED;
  const answered = answers === 'any' ? code < KILLED : answers.includes(code);
  if (!answered) throw failed(verb, code, stderr, dir);
  return { code, stdout: end.stdout, stderr, cut: end.cut };
}

/** What it printed, without the last line end: all of it, or it throws `too_large`. */
export async function gitText(
  dir: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<string> {
  return (await whole(dir, args, options)).toString('utf8').replace(/\n$/, '');
}

/** What it printed as `-z` ends it: all of it, or it throws `too_large`. */
export async function gitList(
  dir: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<string[]> {
  return (await whole(dir, args, options)).toString('utf8').split('\0').slice(0, -1);
}

/** A part would be taken for the whole. */
async function whole(dir: string, args: readonly string[], options: GitOptions): Promise<Buffer> {
  const { stdout, cut } = await git(dir, args, { most: MOST_WHOLE, ...options });
  if (cut) throw new SkeinError('too_large', `${dir} has more files than can be looked through.`);
  return stdout;
}

/** Whether it exits with 0; 1 is a no, anything else an error. */
export async function gitYes(
  dir: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<boolean> {
  return (await git(dir, args, { ...options, answers: [0, 1] })).code === 0;
}

export function gitEnvironment(): Record<string, string> {
  const own = OWN.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...plainEnvironment(), ...Object.fromEntries(own), ...QUIET };
}

function failed(verb: string, code: number, stderr: string, dir: string): SkeinError {
  const said = stderr.trim();
  if (said.includes('detected dubious ownership')) {
    const message = `${dir} belongs to somebody else, and git does not trust it. If you do: git config --global --add safe.directory ${dir}`;
    return new SkeinError('not_allowed', message, { dir });
  }
  const last = said.slice(-TOLD);
  return new SkeinError('git_failed', `git ${verb} failed: ${last === '' ? `exit ${code}` : last}`, {
    code,
    verb,
  });
}

/**
 * A user's settings may name git-lfs where it is not: files that it keeps are then checked out as the pointers that they are,
 * instead of not at all.
 */
function lfs(): Record<string, string> {
  const there = (process.env.PATH ?? '')
    .split(':')
    .some((dir) => dir !== '' && fs.existsSync(path.join(dir, 'git-lfs')));
  if (there) return {};
  const off = { smudge: '', clean: '', process: '', required: 'false' };
  return Object.fromEntries(Object.entries(off).map(([key, value]) => [`filter.lfs.${key}`, value]));
}

function lastLine(bytes: Buffer): string {
  const lines = bytes.toString('utf8').split(/[\r\n]+/);
  return withoutPasswords(lines.findLast((line) => line.trim() !== '')?.trim() ?? '').slice(0, 200);
}
