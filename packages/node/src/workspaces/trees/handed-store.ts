/**
 * What other machines have handed over of their repositories, on a worker's disk: of each home and workspace of its one bare repository
 * (`handed/PEER/WORKSPACE.git`), so that the same is not sent twice, and the pieces of bundles that are on their way. Lets nobody fill the disk.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { MAX_GRANTED, MAX_HANDED } from '@skein/protocol/machines/limits';
import { FILE_MODE, isCode, makeDir } from '../../platform/files.ts';
import { type GitOptions, git } from '../git.ts';
import { besideDir, namesIn, removeTree } from '../making/places.ts';
import { commitsIn, readHeader } from './bundle.ts';
import { clearApart, receive } from './receive.ts';

/** Bundles of one home that are on their way at a time; and milliseconds for which one is kept that does not come on. */
const MAX_COMING = 4;
const COMING_MS = 60 * 60_000;

/** Of one home: its PeerId, and its own name for a workspace. */
export interface Handing {
  peer: string;
  workspace: string;
}

export interface Piece extends Handing {
  /** SHA-256 of the whole. */
  bundle: string;
  size: number;
  offset: number;
  bytes: Uint8Array;
}

const refOf = (tip: string): string => `refs/handed/${tip}`;

/** By file, of every store of this process: a bundle that is being looked through. */
const taking = new Map<string, Promise<void>>();

export class HandedStore {
  readonly #dir: string;
  readonly #options: GitOptions;

  readonly #most: number;

  /** `home` is SKEIN_HOME; `most` the bytes that are kept of one home. */
  constructor(home: string, options: GitOptions = {}, most = MAX_HANDED) {
    this.#dir = path.join(home, 'handed');
    this.#options = options;
    this.#most = most;
  }

  /** Whether or not it is there. */
  repository({ peer, workspace }: Handing): string {
    return path.join(this.#of(peer), `${workspace}.git`);
  }

  async has(handing: Handing, commits: readonly string[]): Promise<string[]> {
    const repository = this.repository(handing);
    if (!fs.existsSync(repository)) return [];
    // What is to come builds on it: it is wanted, though nothing here may be of it yet.
    fs.utimesSync(repository, new Date(), new Date());
    return commitsIn(repository, commits, this.#options);
  }

  /** How many bytes of the bundle are there; a piece that does not begin there changes nothing. */
  add(piece: Piece): number {
    const { peer, size, offset, bytes } = piece;
    const file = this.#file(piece);
    const there = sizeOf(file);
    if (bytes.length === 0 || offset !== there) return there;
    if (there + bytes.length > size)
      throw new SkeinError('bad_request', `That bundle has ${size} bytes, and more were sent.`);
    if (there === 0) this.#checkRoom(peer, size);
    makeDir(path.dirname(file));
    fs.appendFileSync(file, bytes, { mode: FILE_MODE });
    return there + bytes.length;
  }

  /** Looks through a bundle that is whole, and takes in what it holds. Throws `upload_gone`, `bad_request`. */
  async take(given: Handing & { bundle: string; tip: string }): Promise<void> {
    const { tip } = given;
    const file = this.#file(given);
    if ((await this.has(given, [tip])).length > 0) return this.#forget(given);
    const taken = taking.get(file) ?? this.#take(given);
    taking.set(file, taken);
    try {
      await taken;
    } finally {
      taking.delete(file);
    }
  }

  async #take(given: Handing & { bundle: string; tip: string }): Promise<void> {
    const file = this.#file(given);
    try {
      if ((await hashOf(file)) !== given.bundle)
        throw new SkeinError('bad_request', 'What was sent is not what was announced.');
      const { format } = readHeader(file);
      const repository = await this.#made(given, format);
      await receive(repository, { file, tip: given.tip, ref: refOf(given.tip) }, this.#options);
      this.#forget(given);
    } catch (error) {
      if (isCode(error, 'ENOENT'))
        throw new SkeinError(
          'upload_gone',
          'What was handed over before is not kept any more. Send it again.',
        );
      // It will not become better.
      if (SkeinError.from(error).code === 'bad_request') this.#forget(given);
      throw error;
    }
  }

  #forget(given: Handing & { bundle: string }): void {
    fs.rmSync(this.#file(given), { force: true });
  }

  /** Whole, or not there. */
  async #made(handing: Handing, format: string): Promise<string> {
    const repository = this.repository(handing);
    if (fs.existsSync(repository)) return repository;
    makeDir(path.dirname(repository));
    const into = besideDir(repository);
    const args = ['init', '--quiet', '--bare', `--object-format=${format}`, '--', into];
    await git(path.dirname(repository), args, this.#options);
    try {
      fs.renameSync(into, repository);
    } catch (error) {
      await removeTree(into);
      if (!fs.existsSync(repository)) throw error;
    }
    return repository;
  }

  /** What is on its way and does not come on goes, and repositories that nothing here is of any more; what is being taken in stays. */
  async sweep(used: (handing: Handing) => boolean, now = Date.now()): Promise<void> {
    for (const peer of namesIn(this.#dir))
      for (const name of namesIn(this.#of(peer))) {
        const file = path.join(this.#of(peer), name);
        const stat = fs.statSync(file, { throwIfNoEntry: false });
        const old = stat === undefined || stat.mtimeMs + COMING_MS < now;
        const workspace = /^([a-z2-7]{12})\.git$/.exec(name)?.[1];
        if (this.#isTaking(peer, name)) continue;
        if (workspace !== undefined && used({ peer, workspace })) clearApart(file);
        else if (old) await removeTree(file);
      }
  }

  /** Whether it is a bundle that is being looked through, or the repository that this is to come into. */
  #isTaking(peer: string, name: string): boolean {
    const [workspace = ''] = name.split('.');
    const beginning = path.join(this.#of(peer), `${workspace}.`);
    return [...taking.keys()].some((file) => file.startsWith(beginning));
  }

  #checkRoom(peer: string, size: number): void {
    const names = namesIn(this.#of(peer));
    if (names.filter((name) => name.endsWith('.part')).length >= MAX_COMING)
      throw new SkeinError(
        'mailbox_full',
        `${MAX_COMING} repositories are being handed over already. Try again later.`,
      );
    if (names.filter((name) => name.endsWith('.git')).length > MAX_GRANTED)
      throw new SkeinError(
        'too_large',
        `Of ${MAX_GRANTED} workspaces something is here already. Remove agents that are there.`,
      );
    const kept = names.reduce((sum, name) => sum + bytesOf(path.join(this.#of(peer), name)), 0);
    if (kept + size > this.#most)
      throw new SkeinError(
        'too_large',
        `That machine keeps ${Math.ceil(kept / MIB)} MiB of what this one has handed over, and takes ${Math.floor(this.#most / MIB)} in all. Remove agents that are there, or clone the repository there, and use that: --dir`,
        { kept, most: this.#most },
      );
  }

  #file({ peer, workspace, bundle }: Handing & { bundle: string }): string {
    return path.join(this.#of(peer), `${workspace}.${bundle}.part`);
  }

  #of(peer: string): string {
    return path.join(this.#dir, peer);
  }
}

const MIB = 1024 * 1024;

/** Of a bundle, or of what has come into a repository. */
function bytesOf(place: string): number {
  if (!place.endsWith('.git')) return sizeOf(place);
  const packs = path.join(place, 'objects', 'pack');
  return namesIn(packs).reduce((sum, name) => sum + sizeOf(path.join(packs, name)), 0);
}

function sizeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** SHA-256 in hex; of what `handle` has open, where one is given, which stays open. */
export async function hashOf(file: string, handle?: fs.promises.FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const stream = handle?.createReadStream({ autoClose: false, start: 0 }) ?? fs.createReadStream(file);
  for await (const bytes of stream) hash.update(bytes as Buffer);
  return hash.digest('hex');
}
