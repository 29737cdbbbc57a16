/**
 * What is noted of work that a landing commits, beside the copy of its index, so that a node that was killed meanwhile knows how it was
 * (rule W5). What somebody has staged or committed there since is theirs: then nothing is known of it any more.
 */
import fs from 'node:fs';
import * as z from 'zod';
import { readJson, writeWhole } from '../../platform/files.ts';
import { type GitOptions, gitText } from '../git.ts';
import { inIndex, withIndexCopy } from '../index-copy.ts';
import { addAll } from '../nested.ts';
import { treeFiles } from './tree-lock.ts';
import type { Work } from './work.ts';

/** Of a landing: the file for a copy of the index. */
export interface Kept {
  landing: string;
  kept: string;
}

const note = z.object({ branch: z.string(), tip: z.string() });
const noteFile = ({ kept }: Kept): string => `${kept}.json`;

/** By which the commit that a landing makes is known for its own. */
export const reflogOf = (landing: string): string => `skein land ${landing}`;

/** When the copy is there: where the branch was then. */
export function noteKept(how: Kept, { branch, tip }: Work): void {
  writeWhole(noteFile(how), JSON.stringify({ branch, tip } satisfies z.infer<typeof note>));
}

export function forgetKept(how: Kept): void {
  for (const file of [noteFile(how), how.kept]) fs.rmSync(file, { force: true });
}

export interface SoFar {
  /** Where the branch was before. */
  tip: string;
  /** What the landing has made of the index, as a tree; undefined while it is as it was. */
  staged: string | undefined;
  /** The landing's own commit. */
  head: string | undefined;
}

/** How far a landing had come before its node was killed; undefined when it had not begun, or somebody has gone on there since. */
export async function broughtSoFar(
  dir: string,
  { branch, tip }: Work,
  how: Kept,
  options: GitOptions,
): Promise<SoFar | undefined> {
  const noted = note.safeParse(readJson(noteFile(how))).data;
  if (noted === undefined || noted.branch !== branch) return undefined;
  const { index } = await treeFiles(dir, '', options);
  const now = await treeOfIndex(dir, index, options).catch(() => undefined);
  if (now === undefined) return undefined;
  if (noted.tip !== tip) {
    const own = await isOwn(dir, { tip, before: noted.tip, now }, how, options);
    return own ? { tip: noted.tip, staged: now, head: tip } : undefined;
  }
  const before = await treeOfIndex(dir, how.kept, options).catch(() => undefined);
  if (now === before) return { tip, staged: undefined, head: undefined };
  // Staged by the landing: nothing is in the index that is not in the files.
  return now === (await treeOfFiles(dir, options)) ? { tip, staged: now, head: undefined } : undefined;
}

/** Whether a branch's tip is the landing's commit, and all that is staged is in that. */
async function isOwn(
  dir: string,
  { tip, before, now }: { tip: string; before: string; now: string },
  { landing }: Kept,
  options: GitOptions,
): Promise<boolean> {
  const told = await gitText(dir, ['log', '-1', '--walk-reflogs', '--format=%H %P %T %gs', 'HEAD'], options);
  return told.startsWith(`${tip} ${before} ${now} ${reflogOf(landing)}`);
}

/** Of an index as it is, a file of git's. */
export function treeOfIndex(dir: string, index: string, options: GitOptions): Promise<string> {
  return gitText(dir, ['write-tree'], inIndex(index, options));
}

/** Of all that is not ignored, as a landing stages it. */
function treeOfFiles(dir: string, options: GitOptions): Promise<string> {
  return withIndexCopy(dir, options, async (own) => {
    await addAll(dir, { where: ':/', how: [] }, own);
    return gitText(dir, ['write-tree'], own);
  });
}
