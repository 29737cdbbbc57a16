/** Hands over a branch of a tree, and of what leads to it only what the other machine has not (rule X4). */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { MAX_BASIS } from '@skein/protocol/machines/limits';
import { type GitOptions, gitText } from '../git.ts';
import { writeBundle } from './bundle.ts';
import { type AskFar, askTree, sendBundle } from './carry.ts';

/** Commits one by one from the newest, by which the other machine is asked what it has; further back ever fewer. */
const NEAR = 64;
/** Commits that are looked through for these. */
const LOOKED = 20_000;

/** Cut off anywhere, it goes on from there when it is done again. */
export async function sendTree(
  home: string,
  ask: AskFar,
  over: {
    agent: string;
    workspace: string;
    root: string;
    tip: string;
    ref: string;
    told(progress: string): void;
  },
  options: GitOptions,
): Promise<void> {
  const { agent, workspace, root, tip, ref, told } = over;
  const commits = await milestones(root, tip, options);
  const { has } = await askTree(ask, 'handing', { workspace, commits });
  if (has.includes(tip)) return;
  // Cut off, it is kept, and a later try goes on with it: the same bundle made anew has other bytes. That of another agent is another.
  const key = createHash('sha256').update(`${agent} ${workspace} ${tip} ${has.join()}`).digest('hex');
  const file = path.join(home, 'handing', `${key}.bundle`);
  if (!fs.existsSync(file)) {
    const made = `${file}.${newId()}`;
    if ((await writeBundle(root, { ref, has, file: made }, options)) === undefined) return;
    fs.renameSync(made, file);
  }
  const sent = { workspace, file, told: (done: number, size: number) => told(progressOf(done, size)) };
  try {
    const bundle = await sendBundle(ask, sent);
    await askTree(ask, 'handed', { workspace, bundle, tip });
    fs.rmSync(file, { force: true });
  } catch (error) {
    // It will not be taken another time either.
    if (SkeinError.from(error).code === 'bad_request') fs.rmSync(file, { force: true });
    throw error;
  }
}

/** The newest, then ever fewer: the other has some of them, if it has any. */
async function milestones(root: string, tip: string, options: GitOptions): Promise<string[]> {
  const args = ['rev-list', '--first-parent', `--max-count=${LOOKED}`, tip, '--'];
  const all = (await gitText(root, args, options)).split('\n').filter((line) => line !== '');
  const some: string[] = [];
  for (let at = 0; at < all.length && some.length < MAX_BASIS; at += at < NEAR ? 1 : Math.ceil(at / 16))
    some.push(all[at] as string);
  return some;
}

function progressOf(done: number, size: number): string {
  return `Handing over: ${Math.floor((done / size) * 100)} % of ${Math.ceil(size / 1024 / 1024)} MiB`;
}
