/** The way of a bundle between two machines, in pieces, as home sees it: what is asked of the other, whose answers are checked. */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { MAX_PIECE } from '@skein/protocol/machines/limits';
import { type TreeAsks, treeAnswers } from '@skein/protocol/machines/trees';
import { FILE_MODE, makeDir } from '../../platform/files.ts';
import { hashOf } from './handed-store.ts';

/** Pieces that are asked for before the first has come: a link is mostly waiting. */
const AHEAD = 4;

/** Asks the other machine, as a client of its node. */
export type AskFar = (type: keyof TreeAsks, body: unknown) => Promise<unknown>;

/** Throws `bad_request` for an answer that is none. */
export async function askTree<K extends keyof TreeAsks>(
  ask: AskFar,
  type: K,
  body: TreeAsks[K]['body'],
): Promise<TreeAsks[K]['answer']> {
  const answer = treeAnswers[type].safeParse(await ask(type, body));
  if (answer.success) return answer.data as TreeAsks[K]['answer'];
  throw new SkeinError('bad_request', `That machine answers "${type}" with what is no answer to it.`);
}

/** Sends a bundle, from where an earlier try has come to. Returns its SHA-256. */
export async function sendBundle(
  ask: AskFar,
  { workspace, file, told }: { workspace: string; file: string; told(done: number, size: number): void },
): Promise<string> {
  const handle = await fs.promises.open(file, 'r');
  try {
    // Of the very bytes that are sent: whoever sends the same elsewhere may put another file in its place meanwhile.
    const bundle = await hashOf(file, handle);
    const { size } = await handle.stat();
    const piece = { workspace, bundle, size };
    const none = new Uint8Array();
    let at = (await askTree(ask, 'hand', { ...piece, offset: 0, bytes: none })).size;
    while (at < size) {
      const room = new Uint8Array(MAX_PIECE);
      const { bytesRead } = await handle.read(room, 0, room.length, at);
      const bytes = room.slice(0, bytesRead);
      const now = (await askTree(ask, 'hand', { ...piece, offset: at, bytes })).size;
      // Another try may have been at it, or it was put away: never on for ever.
      if (now !== at + bytesRead)
        throw new SkeinError('upload_gone', 'It was not taken as it was sent. Try again.');
      at = now;
      told(at, size);
    }
    return bundle;
  } finally {
    await handle.close();
  }
}

/** Fetches a bundle into a file, which is checked to be what was announced. */
export async function fetchBundle(
  ask: AskFar,
  { ref, bundle, file }: { ref: string; bundle: { hash: string; size: number }; file: string },
): Promise<void> {
  makeDir(path.dirname(file));
  const handle = await fs.promises.open(file, 'w', FILE_MODE);
  try {
    const starts = Array.from({ length: Math.ceil(bundle.size / MAX_PIECE) }, (_, n) => n * MAX_PIECE);
    const fetchNext = async (): Promise<void> => {
      for (let at = starts.shift(); at !== undefined; at = starts.shift()) {
        const { bytes } = await askTree(ask, 'treePart', { ref, bundle: bundle.hash, offset: at });
        if (bytes.length !== Math.min(MAX_PIECE, bundle.size - at)) throw changed();
        await handle.write(bytes, 0, bytes.length, at);
      }
    };
    // With one that fails the others need not go on; what they write must have ended.
    const stop = (error: unknown): never => {
      starts.length = 0;
      throw error;
    };
    const ends = await Promise.allSettled(Array.from({ length: AHEAD }, () => fetchNext().catch(stop)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  } finally {
    await handle.close();
  }
  if ((await hashOf(file)) !== bundle.hash) throw changed();
}

function changed(): SkeinError {
  return new SkeinError('bad_request', 'What was sent is not what was announced.');
}
