/** The traces of a relay: what passed it, what is in its memory, what it wrote. Each is searched where it is, and told by name. */
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Gate } from '../support/gate.ts';
import { findIn, findMasked, type Needle } from './needles.ts';

/** Bytes of memory that are read at a time; what stands across two pieces is in the overlap. */
const PIECE = 4 * 2 ** 20;
const OVERLAP = 4096;
const ZEROS = Buffer.alloc(PIECE + OVERLAP);

/** Records everything that passes a gate, each direction of each connection by itself. */
export class Recorder {
  readonly #chunks: Record<'there' | 'back', Buffer[]> = { there: [], back: [] };
  bytes = 0;

  constructor(gate: Gate) {
    gate.spoil = (chunk, direction) => {
      this.#chunks[direction].push(Buffer.from(chunk));
      this.bytes += chunk.length;
      return [chunk];
    };
  }

  /** What passed, the directions apart. */
  search(needles: readonly Needle[]): string[] {
    return (['there', 'back'] as const).flatMap((direction) => {
      const passed = Buffer.concat(this.#chunks[direction]);
      return [
        ...findIn(passed, needles).map(({ name }) => `${name} in what went ${direction}`),
        ...findMasked(passed, needles).map(({ name }) => `${name} in what went ${direction}, masked`),
      ];
    });
  }
}

export interface Searched {
  bytes: number;
  found: string[];
}

/** All memory of a process that can be read, while it runs. Throws where this user may not look. */
export function searchMemory(pid: number, needles: readonly Needle[]): Searched {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const found = new Set<string>();
  let bytes = 0;
  try {
    for (const { from, to, what } of mappings(pid)) {
      for (let at = from; at < to; at += PIECE) {
        const piece = readSome(memory, at, Math.min(PIECE + OVERLAP, to - at));
        // Most of what is mapped was never touched.
        if (piece.equals(ZEROS.subarray(0, piece.length))) continue;
        bytes += piece.length;
        for (const { name } of findIn(piece, needles)) found.add(`${name} in its memory, ${what}`);
      }
    }
  } finally {
    closeSync(memory);
  }
  return { bytes, found: [...found] };
}

function mappings(pid: number): { from: number; to: number; what: string }[] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [range = '', mode = '', , , , ...path] = line.split(/ +/);
      const [from, to] = range.split('-').map((hex) => Number.parseInt(hex, 16));
      // The kernel's own pages cannot be read this way.
      if (from === undefined || to === undefined || !mode.startsWith('r') || /^\[v/.test(path.join(' ')))
        return [];
      return [{ from, to, what: path.join(' ') || 'anonymous' }];
    });
}

function readSome(memory: number, at: number, length: number): Buffer {
  const piece = Buffer.allocUnsafe(length);
  try {
    return piece.subarray(0, readSync(memory, piece, 0, length, at));
  } catch {
    // Given back since the mappings were read, or never filled.
    return piece.subarray(0, 0);
  }
}

/** Every file below a directory, and what was written elsewhere, given as texts. */
export function searchWritten(
  directory: string,
  texts: Record<string, string>,
  needles: readonly Needle[],
): Searched {
  const files = filesBelow(directory).map((path): [string, Buffer] => [path, readFileSync(path)]);
  const all = [
    ...files,
    ...Object.entries(texts).map(([name, text]): [string, Buffer] => [name, Buffer.from(text)]),
  ];
  return {
    bytes: all.reduce((sum, [, content]) => sum + content.length, 0),
    found: all.flatMap(([name, content]) =>
      findIn(content, needles).map((needle) => `${needle.name} in ${name}`),
    ),
  };
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    const entry = statSync(path);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}
