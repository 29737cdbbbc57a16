/** Bundles of git's: what of a repository another machine has not, in one file. Whoever reads one believes nothing that it says. */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { MAX_BUNDLE } from '@skein/protocol/machines/limits';
import { FILE_MODE, makeDir } from '../../platform/files.ts';
import { FETCH_MS, type GitOptions, git, gitText } from '../git.ts';

/** Bytes of a bundle's own words, before what it packs: a line for each commit that it builds on. */
const MAX_HEADER = 1024 * 1024;

export interface Bundling {
  /** A ref of the repository: what it is at, is bundled. */
  ref: string;
  /** Commits that the other has, those that are not here passed over. */
  has: readonly string[];
  file: string;
}

/** Returns how many bytes it has; undefined when the other has all of it. Throws `too_large`. */
export async function writeBundle(
  dir: string,
  { ref, has, file }: Bundling,
  options: GitOptions,
): Promise<number | undefined> {
  const there = await commitsIn(dir, has, options);
  const asked = ['rev-list', '--max-count=1', ref, ...not(there), '--'];
  if ((await gitText(dir, asked, options)) === '') return undefined;
  makeDir(path.dirname(file));
  // Made here, so that it is nobody else's to read.
  fs.closeSync(fs.openSync(file, 'w', FILE_MODE));
  try {
    const quiet = ['bundle', 'create', '--quiet', file, ref, ...not(there)];
    await git(dir, quiet, { ...options, timeout: FETCH_MS });
    const { size } = fs.statSync(file);
    if (size <= MAX_BUNDLE) return size;
    const most = MAX_BUNDLE / 1024 / 1024 / 1024;
    throw new SkeinError(
      'too_large',
      `What would have to be sent is ${Math.ceil(size / 1024 / 1024)} MiB, more than the ${most} GiB that may be. Clone the repository there, and use that: --dir`,
      { size },
    );
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw error;
  }
}

const not = (commits: readonly string[]): string[] => (commits.length === 0 ? [] : ['--not', ...commits]);

/** Those that the repository has, as whole commits. */
export async function commitsIn(
  dir: string,
  commits: readonly string[],
  options: GitOptions,
): Promise<string[]> {
  if (commits.length === 0) return [];
  const input = commits.map((one) => `${one}\n`).join('');
  const told = await gitText(dir, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
    ...options,
    input,
  });
  return told.split('\n').flatMap((line) => (line.endsWith(' commit') ? [line.slice(0, -7)] : []));
}

export interface Header {
  /** Where what it packs begins. */
  at: number;
  format: 'sha1' | 'sha256';
}

/** Throws `bad_request` for what is no bundle of a kind that is known. */
export function readHeader(file: string): Header {
  const fd = fs.openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(Math.min(MAX_HEADER, fs.fstatSync(fd).size));
    fs.readSync(fd, bytes, 0, bytes.length, 0);
    const end = bytes.indexOf('\n\n');
    const lines = bytes.subarray(0, Math.max(0, end)).toString('latin1').split('\n');
    const version = /^# v([23]) git bundle$/.exec(lines[0] ?? '')?.[1];
    if (end < 0 || version === undefined) throw noBundle();
    const capabilities = lines.filter((line) => line.startsWith('@'));
    const formats = capabilities.map((line) => /^@object-format=(sha1|sha256)$/.exec(line)?.[1]);
    // One that leaves things out is not whole.
    if (formats.some((one) => one === undefined)) throw noBundle();
    return { at: end + 2, format: (formats[0] ?? 'sha1') as Header['format'] };
  } finally {
    fs.closeSync(fd);
  }
}

function noBundle(): SkeinError {
  return new SkeinError('bad_request', 'What was sent is no bundle of a repository.');
}
