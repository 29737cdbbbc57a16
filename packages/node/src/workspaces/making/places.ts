/** Where the files of a workspace lie while it is made, and while it goes; and what is known of how far its making has come. */
import fs from 'node:fs';
import path from 'node:path';
import { newId } from '@skein/protocol/ids';
import { readJson, writeWhole } from '../../platform/files.ts';

/** In the environment of whatever is run to make or remove a workspace: by it what a killed node has left running is found. */
export const MARK = 'SKEIN_MAKING';

/** A directory beside a workspace's, for files that are not whole yet: another one each time, so that nothing that an earlier try left running writes in it. */
export function besideDir(root: string): string {
  return path.join(path.dirname(root), `.${path.basename(root)}.${newId()}`);
}

/** Takes away what earlier tries have left beside a workspace. */
export async function clearBeside(root: string): Promise<void> {
  const begins = `.${path.basename(root)}.`;
  for (const name of namesIn(path.dirname(root)))
    if (name.startsWith(begins)) await removeTree(path.join(path.dirname(root), name));
}

/** At once out of the way, then bit by bit: what is half removed is never taken for a workspace. */
export async function removeRoot(root: string): Promise<void> {
  if (fs.lstatSync(root, { throwIfNoEntry: false }) !== undefined) fs.renameSync(root, besideDir(root));
  await clearBeside(root);
}

/** Also where directories may not be written in, as some tools leave their caches. */
export async function removeTree(dir: string): Promise<void> {
  try {
    await fs.promises.rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  } catch {
    await openUp(dir);
    await fs.promises.rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  }
}

async function openUp(dir: string): Promise<void> {
  const stat = fs.lstatSync(dir, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) return;
  fs.chmodSync(dir, 0o700);
  for (const name of namesIn(dir)) await openUp(path.join(dir, name));
}

export function namesIn(dir: string): string[] {
  try {
    return fs.readdirSync(dir);
  } catch {
    return [];
  }
}

/** Kept in a repository's own directory once it is whole. */
interface Made {
  id: string;
  /** Commits and tags that came with it: whoever it is from has them. */
  came: string[];
}

export function madeIn(gitDir: string): Made | undefined {
  const found = readJson(path.join(gitDir, 'skein.json')) as Partial<Made> | undefined;
  return typeof found?.id === 'string' && Array.isArray(found.came) ? (found as Made) : undefined;
}

export function tellMade(gitDir: string, made: Made): void {
  writeWhole(path.join(gitDir, 'skein.json'), JSON.stringify(made));
}
