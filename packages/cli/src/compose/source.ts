/** Finds a compose file and reads its text: whichever way it is named, and whatever lies there (rule B2). */
import fs from 'node:fs';
import path from 'node:path';
import { invalid, START, textOf } from '@skein/node/agents/definitions/text-file';
import { SkeinError } from '@skein/protocol/errors';
import { here } from '../connect/here.ts';
import { readStdin } from '../connect/stdin.ts';
import { MAX_FILE } from './yaml-value.ts';

/** What it is looked for as, where none is named. */
const NAMES = ['skein.yaml', 'skein.yml'];
/** Bytes of a letter, at most. */
const WIDEST = 4;

export interface SourceFile {
  /** What errors call it. */
  called: string;
  /** Where its relative paths begin, absolute. */
  base: string;
  text: string;
}

/** `-` is stdin. Throws `not_found` and `definition_invalid`. */
export async function readSource(named: string | undefined): Promise<SourceFile> {
  if (named !== '-') return openSource(named);
  const base = here();
  const bytes = await readStdin(MAX_FILE * WIDEST).catch((thrown) => {
    throw SkeinError.from(thrown).code === 'too_large' ? tooLarge('stdin') : thrown;
  });
  return { called: 'stdin', base, text: textWithin('stdin', bytes) };
}

/** One that lies in the file system. */
export function openSource(named: string | undefined, cwd = here()): SourceFile {
  const called = named ?? NAMES.find((name) => fs.existsSync(path.join(cwd, name)));
  if (called === undefined)
    throw new SkeinError('not_found', `There is no ${NAMES[0]} here. Name a file with -f, or begin one.`, {
      see: 'skein compose --help',
    });
  const file = path.resolve(cwd, called);
  return { called, base: path.dirname(file), text: textWithin(called, bytesOf(called, file)) };
}

function bytesOf(called: string, file: string): Buffer {
  let fd: number;
  try {
    // Not waiting for whoever writes to a pipe that lies there.
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new SkeinError('not_found', `There is no file ${called}.`);
    throw new SkeinError('bad_request', `${called} cannot be read: ${code ?? String(error)}.`);
  }
  try {
    const stat = fs.fstatSync(fd);
    if (stat.isDirectory()) {
      const inside = NAMES.find((name) => fs.existsSync(path.join(file, name)));
      const meant = inside === undefined ? '' : ` Did you mean ${path.join(called, inside)}?`;
      throw new SkeinError('bad_request', `${called} is a directory.${meant}`);
    }
    if (!stat.isFile())
      throw new SkeinError('bad_request', `${called} is no file. To read from a pipe: -f -`);
    if (stat.size > MAX_FILE * WIDEST) throw tooLarge(called);
    return fs.readFileSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function textWithin(called: string, bytes: Buffer): string {
  if (bytes.length > MAX_FILE * WIDEST) throw tooLarge(called);
  return textOf(called, bytes);
}

function tooLarge(called: string): SkeinError {
  return invalid(called, START, '', `it has more than ${MAX_FILE} characters`);
}
