/**
 * The versions of files that each run knows (rule W3): what it last read or wrote, in memory, and beside the workspace's events
 * as cells (rule L9), so that a restart forgets nothing. Written without waiting: what is lost with a crash is only not known.
 */
import crypto from 'node:crypto';
import { pack, unpack } from '@skein/protocol/codec';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { Cell, KernelApi } from '../../kernel/types.ts';
import type { Version } from './versions.ts';

/** Of one run: files whose versions are known, and bytes of their texts. Those it has not touched for longest go first. */
const MAX_FILES = 2_000;
const MAX_TEXT = 16 * 1024 * 1024;

const PREFIX = 'seen/';

interface Known {
  version: string;
  /** Bytes of its text, which is in the cell. */
  size: number;
}

interface Kept {
  path: string;
  version: string;
  text: string | null;
}

type Kernel = Pick<KernelApi, 'cells' | 'submit' | 'head'>;

/** What the runs of one workspace know. Paths are relative to its root, as its disk compares them. */
export class Seen {
  readonly #kernel: Kernel;
  readonly #stream: string;
  /** By run, then by path, the one touched last at the end. */
  readonly #runs = new Map<string, Map<string, Known>>();
  readonly #cells = new Map<string, Cell>();
  #saving: Promise<void> | undefined;
  /** Texts that were handed over and may not be in the log yet. */
  readonly #handed = new Map<string, Uint8Array | null>();

  constructor(kernel: Kernel, workspace: string) {
    this.#kernel = kernel;
    this.#stream = `workspace/${workspace}`;
  }

  /** What an earlier node has left; of runs that are there no more it goes. */
  async load(runs: readonly string[]): Promise<void> {
    const cells = await this.#kernel.cells(this.#stream, PREFIX);
    for (const [key, value] of cells) {
      const run = key.split('/')[1] ?? '';
      if (!runs.includes(run)) this.#keep(key, null);
      else {
        const { path, version, text } = unpack(value) as Kept;
        this.#of(run).set(path, { version, size: sizeOf(text) });
      }
    }
  }

  version(run: string, path: string): string | undefined {
    return this.#runs.get(run)?.get(path)?.version;
  }

  /** The text that it knows; null where it is not kept. */
  async text(run: string, path: string): Promise<string | null> {
    await this.#saving;
    const key = keyOf(run, path);
    const value =
      this.#handed.get(key) ?? (await this.#kernel.cells(this.#stream, key).catch(() => undefined))?.get(key);
    return value == null ? null : (unpack(value) as Kept).text;
  }

  learn(run: string, path: string, { version, text }: Pick<Version, 'version' | 'text'>): void {
    const known = this.#of(run);
    const same = known.get(path)?.version === version;
    const before = known.get(path)?.size ?? 0;
    known.delete(path);
    known.set(path, { version, size: same ? before : sizeOf(text) });
    if (!same) this.#keep(keyOf(run, path), pack({ path, version, text } satisfies Kept));
    this.#bound(run, known);
  }

  /** Hands over what is not kept yet, to be kept together with what else `keep` keeps; what it did not keep is kept later. */
  async keptWith<T extends { ok: boolean }>(keep: (cells: Cell[]) => Promise<T>): Promise<T> {
    const cells = [...this.#cells.values()];
    this.#cells.clear();
    for (const { key, value } of cells) this.#handed.set(key, value);
    let kept = false;
    try {
      const reply = await keep(cells);
      kept = reply.ok;
      return reply;
    } finally {
      for (const { key, value } of cells) {
        if (this.#handed.get(key) === value) this.#handed.delete(key);
        if (!(kept || this.#cells.has(key))) this.#keep(key, value);
      }
    }
  }

  /** A run that is over knows nothing any more. */
  forget(run: string): void {
    for (const path of this.#runs.get(run)?.keys() ?? []) this.#keep(keyOf(run, path), null);
    this.#runs.delete(run);
  }

  /** The files that a run knows. */
  paths(run: string): string[] {
    return [...(this.#runs.get(run)?.keys() ?? [])];
  }

  runs(): string[] {
    return [...this.#runs.keys()];
  }

  /** Resolves when all of it is written, or could not be. */
  async saved(): Promise<void> {
    await this.#saving;
  }

  #of(run: string): Map<string, Known> {
    const known = this.#runs.get(run) ?? new Map<string, Known>();
    this.#runs.set(run, known);
    return known;
  }

  #bound(run: string, known: Map<string, Known>): void {
    let total = 0;
    for (const { size } of known.values()) total += size;
    for (const [path, { size }] of known) {
      if (known.size <= MAX_FILES && total <= MAX_TEXT) return;
      known.delete(path);
      total -= size;
      this.#keep(keyOf(run, path), null);
    }
  }

  #keep(key: string, value: Uint8Array | null): void {
    this.#cells.set(key, { key, value });
    this.#saving ??= this.#save();
  }

  /** All that comes together goes together; what comes meanwhile, after it. */
  async #save(): Promise<void> {
    while (this.#cells.size > 0) {
      await new Promise(setImmediate);
      const cells = [...this.#cells.values()];
      this.#cells.clear();
      await this.#kernel.submit(NODE_ITSELF, { target: this.#stream, type: 'seen.keep', body: { cells } });
    }
    this.#saving = undefined;
  }
}

function keyOf(run: string, path: string): string {
  return `${PREFIX}${run}/${crypto.hash('sha256', path).slice(0, 32)}`;
}

/** About. */
const sizeOf = (text: string | null): number => text?.length ?? 0;
