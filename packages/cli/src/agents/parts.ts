/** The parts of a prompt from what was typed: a text, files that the agent reads for itself, images. */
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import type { PromptPartGiven } from '@skein/protocol/agents/commands';
import { MAX_PROMPT } from '@skein/protocol/agents/limits';
import { SkeinError } from '@skein/protocol/errors';
import { readStdin } from '../connect/stdin.ts';

/** Bytes of stdin that are read to be told how many a prompt has; beyond that it is only too many. */
const MOST_READ = 8 * MAX_PROMPT;

type Said = Exclude<PromptPartGiven, { upload: string }>;

export interface Wanted {
  /** `-` is stdin. */
  text: string | undefined;
  files: readonly string[];
  images: readonly string[];
  /** The agent is on another machine, where this one's paths mean nothing. */
  away: boolean;
}

/** What is to be said; nothing is read before it is known that it can be. Throws `bad_request`, `too_large`. */
export async function readParts({ text, files, images, away }: Wanted): Promise<PromptPartGiven[]> {
  const named = files.map((file) => ({ type: 'file' as const, path: absolute(file, away) }));
  const seen = images.map((file) => readImage(file));
  const said = text === '-' ? (await readStdin(MOST_READ)).toString() : (text ?? '');
  const words = said.trim() === '' ? [] : [{ type: 'text' as const, text: said }];
  const parts = [...words, ...named, ...seen];
  if (parts.length === 0)
    throw new SkeinError('bad_request', 'Nothing to say: give a text, - for stdin, --file or --image.');
  const size = parts.reduce((sum, part) => sum + sizeOf(part), 0);
  if (size > MAX_PROMPT)
    throw new SkeinError(
      'too_large',
      `A prompt may have ${MAX_PROMPT} bytes; this has ${size}. Put it into a file and name that: --file PATH`,
      { size, most: MAX_PROMPT },
    );
  return parts;
}

function sizeOf(part: Said): number {
  if (part.type === 'text') return Buffer.byteLength(part.text);
  return part.type === 'image' ? part.data.length : 0;
}

function absolute(file: string, away: boolean): string {
  if (away && !path.isAbsolute(file))
    throw new SkeinError(
      'bad_request',
      `"${file}" would be read on the other machine: give its whole path there.`,
      {
        advice: 'To say what a file of this machine holds: skein prompt REF - < FILE',
      },
    );
  if (away) return file;
  const whole = path.resolve(file);
  if (!existsSync(whole)) throw new SkeinError('bad_request', `There is no file "${file}".`);
  return whole;
}

function readImage(file: string): Extract<Said, { type: 'image' }> {
  let size: number;
  try {
    size = statSync(file).size;
  } catch {
    throw new SkeinError('bad_request', `There is no image "${file}".`);
  }
  if (size > MAX_PROMPT)
    throw new SkeinError('too_large', `"${file}" has ${size} bytes; a prompt may have ${MAX_PROMPT}.`);
  const mime = imageType(firstBytes(file));
  if (mime === undefined)
    throw new SkeinError(
      'bad_request',
      `"${file}" is no PNG, JPEG, GIF or WebP. Name it with --file instead.`,
    );
  return { type: 'image', mime, data: readFileSync(file).toString('base64') };
}

function firstBytes(file: string): Buffer {
  const fd = openSync(file, 'r');
  try {
    const head = Buffer.alloc(16);
    return head.subarray(0, readSync(fd, head, 0, head.length, 0));
  } finally {
    closeSync(fd);
  }
}

/** By its first bytes, whatever it is called. */
export function imageType(head: Buffer): string | undefined {
  const starts = (hex: string, at = 0) => head.subarray(at).toString('hex').startsWith(hex);
  if (starts('89504e470d0a1a0a')) return 'image/png';
  if (starts('ffd8ff')) return 'image/jpeg';
  if (starts('474946383761') || starts('474946383961')) return 'image/gif';
  return starts('52494646') && starts('57454250', 8) ? 'image/webp' : undefined;
}
