/**
 * What the user has agreed to of a workspace's files (rule A3): each by its workspace's path and the hash of its bytes, so
 * that a file that has changed, or come since, is not agreed to. Nothing is ever trusted by itself.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { shellWord } from '@skein/protocol/text/words';
import * as z from 'zod';
import { readJson, writeWhole } from '../../platform/files.ts';
import { definitionFiles, placesAbove, readOnce, WORKSPACE_FOLDER } from './places.ts';
import { invalid, START } from './text-file.ts';

const record = z.object({
  version: z.literal(1),
  /** By the workspace's absolute path: of each file, its path from `.skein` and the sha256 of what it held. */
  workspaces: z.record(z.string(), z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/))),
});
type Trusted = z.infer<typeof record>;

/** A file of a workspace, as it is now. */
export interface WorkspaceFile {
  /** Absolute. */
  file: string;
  /** From the workspace's `.skein`. */
  relative: string;
  bytes: Buffer;
  hash: string;
}

/** All that a workspace would have used. */
export function workspaceFiles(workspace: string): WorkspaceFile[] {
  const folder = path.join(workspace, WORKSPACE_FOLDER);
  const files = [
    ...definitionFiles(path.join(folder, 'agents')).map(({ file }) => file),
    path.join(folder, 'policy.yaml'),
  ];
  return files.flatMap((file) => {
    const bytes = readOnce(file);
    return bytes === undefined
      ? []
      : [{ file, relative: path.relative(folder, file), bytes, hash: hashOf(bytes) }];
  });
}

export class Trust {
  readonly #file: string;

  constructor(home: string) {
    this.#file = path.join(home, 'trusted.json');
  }

  /** Whether the user has agreed to exactly these bytes at this place. */
  has(workspace: string, relative: string, bytes: Uint8Array): boolean {
    const files = this.#read().workspaces[workspace];
    return files !== undefined && Object.hasOwn(files, relative) && files[relative] === hashOf(bytes);
  }

  /** The files of that workspace that the user has agreed to, whether or not they still are as they were: from its `.skein`. */
  agreedIn(workspace: string): string[] {
    return Object.keys(this.#read().workspaces[workspace] ?? {});
  }

  /**
   * The nearest first: the directories at or above one, as it is written and as it really is, of which something was agreed to.
   * Whatever lies in them now: what works there could put a nearer `.skein`, or a repository's root, in between.
   */
  agreedAbove(dir: string): string[] {
    const { workspaces } = this.#read();
    return placesAbove(dir).filter((one) => Object.hasOwn(workspaces, one));
  }

  /** Records the user's consent to these files; what was agreed to of that workspace before is forgotten. */
  agree(workspace: string, files: readonly WorkspaceFile[]): void {
    const { workspaces } = this.#read();
    const agreed = Object.fromEntries(files.map(({ relative, hash }) => [relative, hash]));
    this.#write({ version: 1, workspaces: { ...workspaces, [workspace]: agreed } });
  }

  /** Returns whether anything was agreed to. */
  withdraw(workspace: string): boolean {
    const { [workspace]: gone, ...workspaces } = this.#read().workspaces;
    if (gone !== undefined) this.#write({ version: 1, workspaces });
    return gone !== undefined;
  }

  /** One that is damaged is no consent to anything; but neither does it lift the denials that were agreed to, nor is it written over. */
  #read(): Trusted {
    const parsed = record.safeParse(readJson(this.#file));
    if (parsed.success) return parsed.data;
    if (fs.lstatSync(this.#file, { throwIfNoEntry: false }) === undefined)
      return { version: 1, workspaces: {} };
    const advice = 'Move it away, and agree again to what you still want: skein agent trust DIRECTORY';
    const why = 'it is damaged, so that nobody knows what you have agreed to';
    const error = invalid(this.#file, START, '', why);
    throw new SkeinError(error.code, error.message, { ...error.data, advice });
  }

  #write(trusted: Trusted): void {
    writeWhole(this.#file, `${JSON.stringify(trusted, null, 2)}\n`);
  }
}

export function notTrusted(workspace: string, file: string): SkeinError {
  return new SkeinError(
    'not_trusted',
    `${file} belongs to a workspace, and you have not agreed to it as it is now.`,
    {
      workspace,
      file,
      advice: `See what it would run, and agree: skein agent trust ${shellWord(workspace)}`,
    },
  );
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
