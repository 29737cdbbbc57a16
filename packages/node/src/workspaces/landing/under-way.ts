/** What a tree is in the middle of: nothing is landed under it. */
import fs from 'node:fs';
import path from 'node:path';
import { type GitOptions, gitText } from '../git.ts';

export interface UnderWay {
  what: 'merge' | 'rebase' | 'cherry-pick' | 'revert' | 'am';
  /** Of a rebase: the branch that will be moved by it. */
  branch: string | null;
}

const HEADS = [
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
] as const;

export async function underWay(dir: string, options: GitOptions): Promise<UnderWay | undefined> {
  const gitDir = await gitText(dir, ['rev-parse', '--absolute-git-dir'], options);
  for (const part of ['rebase-merge', 'rebase-apply']) {
    if (!fs.existsSync(path.join(gitDir, part))) continue;
    if (fs.existsSync(path.join(gitDir, part, 'applying'))) return { what: 'am', branch: null };
    return { what: 'rebase', branch: headName(path.join(gitDir, part, 'head-name')) };
  }
  for (const [file, what] of HEADS) if (fs.existsSync(path.join(gitDir, file))) return { what, branch: null };
  return undefined;
}

function headName(file: string): string | null {
  try {
    const name = fs.readFileSync(file, 'utf8').trim();
    return name.startsWith('refs/heads/') ? name.slice('refs/heads/'.length) : null;
  } catch {
    return null;
  }
}
