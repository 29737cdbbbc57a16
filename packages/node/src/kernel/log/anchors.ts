/** The anchors file (L6): where each stream's head was, kept apart from the database so that losing its tail shows. */
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { isCode, syncDir } from '../../platform/files.ts';

const ANCHORS_FILE = 'anchors.log';

/** Bytes after which the file is rewritten with the newest anchor of each stream only. */
const COMPACT_BYTES = 1024 * 1024;

export interface Anchor {
  stream: string;
  epoch: number;
  offset: number;
  /** Hex. */
  hash: string;
  /** Milliseconds since 1970. */
  time: number;
}

/** One line: the CRC-32 of the rest in hex, a space, JSON. A damaged line costs only itself. */
function anchorLine(anchor: Anchor): string {
  const json = JSON.stringify(anchor);
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

/** The newest sound anchor of each stream, and how many lines were not sound. */
function parseAnchors(text: string): { anchors: Map<string, Anchor>; broken: number } {
  const anchors = new Map<string, Anchor>();
  let broken = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const json = line.slice(9);
    if (line.slice(0, 9) !== `${crc32(json).toString(16).padStart(8, '0')} `) {
      broken += 1;
      continue;
    }
    const anchor = JSON.parse(json) as Anchor;
    anchors.set(anchor.stream, anchor);
  }
  return { anchors, broken };
}

export class Anchors {
  readonly #dir: string;
  readonly #newest: Map<string, Anchor>;
  readonly broken: number;
  #fd: number | undefined;
  #bytes: number;

  constructor(dir: string) {
    this.#dir = dir;
    let text = '';
    try {
      text = readFileSync(join(dir, ANCHORS_FILE), 'utf8');
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error;
    }
    const { anchors, broken } = parseAnchors(text);
    this.#newest = anchors;
    this.broken = broken;
    this.#bytes = Buffer.byteLength(text);
  }

  get(stream: string): Anchor | undefined {
    return this.#newest.get(stream);
  }

  all(): Anchor[] {
    return [...this.#newest.values()];
  }

  append(anchors: readonly Anchor[]): void {
    if (anchors.length === 0) return;
    for (const anchor of anchors) this.#newest.set(anchor.stream, anchor);
    if (this.#bytes > COMPACT_BYTES) return this.rewrite();
    const text = anchors.map(anchorLine).join('');
    this.#fd ??= openSync(join(this.#dir, ANCHORS_FILE), 'a', 0o600);
    writeSync(this.#fd, text);
    fdatasyncSync(this.#fd);
    this.#bytes += Buffer.byteLength(text);
  }

  /** The newest anchor of each stream, in a file of its own that replaces the old one at once. */
  rewrite(): void {
    const path = join(this.#dir, ANCHORS_FILE);
    const fd = openSync(`${path}.new`, 'w', 0o600);
    const text = this.all().map(anchorLine).join('');
    try {
      writeSync(fd, text);
      fsyncSync(fd);
    } catch (error) {
      rmSync(`${path}.new`, { force: true });
      throw error;
    } finally {
      closeSync(fd);
    }
    this.close();
    renameSync(`${path}.new`, path);
    syncDir(this.#dir);
    this.#bytes = Buffer.byteLength(text);
  }

  /** Forgets all streams but these, durably. */
  keepOnly(streams: ReadonlySet<string>): void {
    for (const name of this.#newest.keys()) if (!streams.has(name)) this.#newest.delete(name);
    this.rewrite();
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
