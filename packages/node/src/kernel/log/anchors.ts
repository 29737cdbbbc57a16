/** The anchors file (L6): where each stream's head was, kept apart from the database so that losing its tail shows. */
import { closeSync, fdatasyncSync, fsyncSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { isCode, sync, writeAll } from '../../platform/files.ts';

const ANCHORS_FILE = 'anchors.log';

/**
 * Bytes after which the file is rewritten with the newest anchor of each stream only; not before it has twice what it had
 * then, or with the anchors of ten thousand streams it would be written anew every second.
 */
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
  #newest: Map<string, Anchor>;
  readonly broken: number;
  #fd: number | undefined;
  #bytes: number;
  /** Its bytes when it was last written anew. */
  #least = 0;
  /** The file may end within a line: the next would be lost with it. */
  #torn = false;

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
    if (this.#torn || this.#bytes > Math.max(COMPACT_BYTES, 2 * this.#least)) return this.replace(this.all());
    const lines = Buffer.from(anchors.map(anchorLine).join(''));
    this.#fd ??= openSync(join(this.#dir, ANCHORS_FILE), 'a', 0o600);
    this.#torn = true;
    writeAll(this.#fd, lines);
    this.#torn = false;
    fdatasyncSync(this.#fd);
    this.#bytes += lines.length;
  }

  /** These and no others, in a file of their own that replaces the old one at once. If that fails, all stays as it was. */
  replace(anchors: readonly Anchor[]): void {
    const path = join(this.#dir, ANCHORS_FILE);
    const lines = Buffer.from(anchors.map(anchorLine).join(''));
    const fd = openSync(`${path}.new`, 'w', 0o600);
    try {
      writeAll(fd, lines);
      fsyncSync(fd);
    } catch (error) {
      rmSync(`${path}.new`, { force: true });
      throw error;
    } finally {
      closeSync(fd);
    }
    this.close();
    renameSync(`${path}.new`, path);
    sync(this.#dir);
    this.#newest = new Map(anchors.map((anchor) => [anchor.stream, anchor]));
    this.#bytes = lines.length;
    this.#least = lines.length;
    this.#torn = false;
  }

  /** Forgets all streams but these, durably. */
  keepOnly(streams: ReadonlySet<string>): void {
    this.replace(this.all().filter(({ stream }) => streams.has(stream)));
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
