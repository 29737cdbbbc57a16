/**
 * Takes what another machine has bundled into a repository: into a place apart first, where git looks through every object, and only
 * what is whole, sound and within bounds comes in, under the one ref that is meant. Nothing that the bundle itself names is used.
 */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { MAX_BUNDLE } from '@skein/protocol/machines/limits';
import { makeDir, sync } from '../../platform/files.ts';
import { FETCH_MS, type GitOptions, git, gitText, gitYes } from '../git.ts';
import { repositoryAt } from '../making/repository.ts';
import { readHeader } from './bundle.ts';

/** Places apart are called so, within a repository's objects. */
const APART = 'skein-incoming-';

/** Oddities of old histories that harm nobody; every other doubt that git has is a refusal. */
const HARMLESS = [
  ...['missingEmail', 'missingNameBeforeEmail', 'missingSpaceBeforeDate', 'missingSpaceBeforeEmail'],
  ...['badDate', 'badDateOverflow', 'badEmail', 'badName', 'badTimezone', 'zeroPaddedDate'],
  ...['zeroPaddedFilemode', 'multipleAuthors', 'nulInCommit', 'badTagName', 'missingTaggerEntry'],
];
const STRICT = `--strict=${HARMLESS.map((one) => `${one}=ignore`).join(',')}`;

export interface Receiving {
  file: string;
  /** The commit that it is to bring. */
  tip: string;
  /** What keeps it here from then on; nothing, when it is to be looked at before. */
  ref?: string;
}

/** Twice is the same as once. Throws `bad_request` for what is not sound or not whole, in git's words. */
export async function receive(
  dir: string,
  { file, tip, ref }: Receiving,
  options: GitOptions,
): Promise<void> {
  const found = await repositoryAt(dir, options);
  if (found === undefined) throw new SkeinError('not_a_repository', `${dir} is no git repository.`);
  const header = readHeader(file);
  const asked = ['rev-parse', '--show-object-format'];
  if ((await gitText(dir, asked, options)) !== header.format)
    throw new SkeinError('bad_request', `The repository sent is one of ${header.format}, and this is not.`);
  const objects = path.join(found.commonDir, 'objects');
  const apart = path.join(objects, `${APART}${newId()}`);
  makeDir(path.join(apart, 'pack'));
  try {
    await lookThrough(dir, { file, at: header.at, tip }, inside(apart, objects, options));
    bringIn(path.join(apart, 'pack'), path.join(objects, 'pack'));
  } finally {
    fs.rmSync(apart, { recursive: true, force: true });
  }
  if (ref !== undefined) await git(dir, ['update-ref', ref, tip], options);
}

/** What an earlier try has left. */
export function clearApart(commonDir: string): void {
  const objects = path.join(commonDir, 'objects');
  for (const name of fs.existsSync(objects) ? fs.readdirSync(objects) : [])
    if (name.startsWith(APART)) fs.rmSync(path.join(objects, name), { recursive: true, force: true });
}

/** git writes there, and finds what it builds on in the repository. */
function inside(apart: string, objects: string, options: GitOptions): GitOptions {
  const env = { GIT_OBJECT_DIRECTORY: apart, GIT_ALTERNATE_OBJECT_DIRECTORIES: objects };
  // What is large is looked through in pieces, instead of whole in memory.
  const settings = { 'core.bigFileThreshold': '16m', 'pack.threads': '1', 'core.packedGitLimit': '256m' };
  return { ...options, env: { ...options.env, ...env }, settings: { ...options.settings, ...settings } };
}

async function lookThrough(
  dir: string,
  { file, at, tip }: { file: string; at: number; tip: string },
  options: GitOptions,
): Promise<void> {
  const most = `--max-input-size=${MAX_BUNDLE}`;
  // Fetching from a bundle would do less: older gits look at none of its objects.
  const index = ['index-pack', '--stdin', '--fix-thin', STRICT, most];
  await git(dir, index, { ...options, from: { file, at }, timeout: FETCH_MS }).catch(unsound);
  if ((await gitText(dir, ['cat-file', '-t', tip], { ...options, answers: 'any' })) !== 'commit')
    throw new SkeinError('bad_request', `What was sent does not hold the commit ${tip.slice(0, 12)}.`);
  // All that it leads to must be there, here or in what was sent.
  const whole = ['rev-list', '--objects', '--quiet', tip, '--not', '--all', '--'];
  const there = await gitYes(dir, whole, { ...options, timeout: FETCH_MS }).catch(() => false);
  if (!there)
    throw new SkeinError('bad_request', 'What was sent is not whole: some of its objects are missing.');
}

function unsound(error: unknown): never {
  const { code, message } = SkeinError.from(error);
  if (code !== 'git_failed') throw error;
  throw new SkeinError('bad_request', `What was sent is not sound: ${message}`);
}

/** A pack is there for git once its index is. */
function bringIn(from: string, to: string): void {
  makeDir(to);
  const last = (name: string) => (name.endsWith('.idx') ? 1 : 0);
  for (const name of fs.readdirSync(from).sort((a, b) => last(a) - last(b))) {
    if (!fs.existsSync(path.join(to, name))) fs.renameSync(path.join(from, name), path.join(to, name));
  }
  sync(to);
}
