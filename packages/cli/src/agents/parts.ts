/** The parts of a prompt from what was typed: a text, files that the agent reads for itself, images. */
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import type { PromptPartGiven } from '@skein/protocol/agents/commands';
import { MAX_PROMPT } from '@skein/protocol/agents/limits';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';

/** Bytes of a text or an image that go in the command itself; more are handed over before, in pieces of as many. */
const INLINE = 256 * 1024;

export interface Wanted {
  /** `-` is stdin. */
  text: string | undefined;
  files: readonly string[];
  images: readonly string[];
  /** The agent is on another machine, where this one's paths mean nothing. */
  away: boolean;
}

/** What is to be said, as bytes; nothing is read before it is known that it can be. Throws `bad_request`, `too_large`. */
export type Part = { type: 'text' | 'image'; bytes: Buffer; mime: string } | { type: 'file'; path: string };

export function readParts({ text, files, images, away }: Wanted): Part[] {
  const named = files.map((file): Part => ({ type: 'file', path: absolute(file, away) }));
  const seen = images.map((file): Part => readImage(file));
  const said = text === undefined ? [] : [Buffer.from(text === '-' ? readFileSync(0) : text)];
  const words = said.filter((bytes) => bytes.toString().trim() !== '');
  const parts = [...words.map((bytes): Part => ({ type: 'text', bytes, mime: '' })), ...named, ...seen];
  if (parts.length === 0)
    throw new SkeinError('bad_request', 'Nothing to say: give a text, - for stdin, --file or --image.');
  const size = parts.reduce((sum, part) => sum + (part.type === 'file' ? 0 : part.bytes.length), 0);
  if (size > MAX_PROMPT)
    throw new SkeinError(
      'too_large',
      `A prompt may have ${MAX_PROMPT} bytes; this has ${size}. Put it into a file and name that: --file PATH`,
      { size, most: MAX_PROMPT },
    );
  return parts;
}

/** The parts as a command takes them, after what is large has been handed over. */
export async function handOver(
  client: Client,
  session: string,
  parts: readonly Part[],
): Promise<PromptPartGiven[]> {
  const given: PromptPartGiven[] = [];
  for (const part of parts) {
    if (part.type === 'file') given.push(part);
    else if (part.bytes.length <= INLINE) given.push(inline(part));
    else {
      const upload = await uploaded(client, session, part.bytes);
      given.push(
        part.type === 'text' ? { type: 'text', upload } : { type: 'image', mime: part.mime, upload },
      );
    }
  }
  return given;
}

function inline({ type, bytes, mime }: Exclude<Part, { type: 'file' }>): PromptPartGiven {
  if (type === 'text') return { type, text: bytes.toString('utf8') };
  return { type, mime, data: bytes.toString('base64') };
}

async function uploaded(client: Client, ref: string, bytes: Buffer): Promise<string> {
  let handle: string | undefined;
  for (let at = 0; at < bytes.length; at += INLINE) {
    const piece = new Uint8Array(bytes.subarray(at, at + INLINE));
    const body = handle === undefined ? { ref, bytes: piece } : { ref, bytes: piece, handle };
    handle = (await client.ask('upload', body)).handle;
  }
  return handle ?? '';
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

function readImage(file: string): Part {
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
  return { type: 'image', bytes: readFileSync(file), mime };
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
