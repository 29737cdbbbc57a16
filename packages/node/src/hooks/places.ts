/**
 * Where a program's hooks and the node meet: a directory of the run's own, 0700, with what hooks report in `in/` and what is
 * answered in `out/`, a file each. Whoever can write there is the machine's user. Files outlive the node, so that what hooks
 * report while it is away is taken when it is back.
 */
import fs from 'node:fs';
import path from 'node:path';
import { runDir } from '../host/run-files.ts';
import { FILE_MODE, makeDir } from '../platform/files.ts';

export const hooksDir = (home: string, run: string): string => path.join(runDir(home, run), 'hooks');
/** The same of an agent in a workspace, where its hooks ask before it writes (rule W2). */
export const claimsDir = (home: string, run: string): string => path.join(runDir(home, run), 'claims');
export const reportsIn = (dir: string): string => path.join(dir, 'in');
export const answersIn = (dir: string): string => path.join(dir, 'out');

export function makeSpool(dir: string): string {
  for (const part of [reportsIn(dir), answersIn(dir)]) makeDir(part);
  return dir;
}

/**
 * Writes a file that is there whole or not at all. It need not outlive the machine, as what it is about does not either, so
 * nothing waits for the disk.
 */
export function putFile(dir: string, name: string, content: string): void {
  const beside = path.join(dir, `.${name}`);
  fs.writeFileSync(beside, content, { mode: FILE_MODE });
  fs.renameSync(beside, path.join(dir, name));
}
