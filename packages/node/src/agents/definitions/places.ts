/** Where definitions and policies lie: in the home, and in the workspace that a directory is in. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isCode } from '../../platform/files.ts';
import { invalid, START } from './text-file.ts';

/** The folder of a workspace that holds its definitions and its policy. */
export const WORKSPACE_FOLDER = '.skein';
const EXTENSION = '.yaml';
/** Definitions of one directory. */
const MAX_FILES = 256;
/** Bytes of a file that is looked at. */
const MAX_BYTES = 1024 * 1024;

export function userDefinitions(home: string): string {
  return path.join(home, 'agents');
}

/**
 * The nearest directory at or above `cwd` that has a `.skein`, no higher than the root of its git repository and below
 * the user's own directory. Undefined when there is none. Throws `definition_invalid` for one that cannot be told to be any: a
 * link to itself.
 */
export function workspaceOf(cwd: string, userDirectory = os.homedir()): string | undefined {
  for (let dir = path.resolve(cwd); dir !== userDirectory; dir = path.dirname(dir)) {
    if (isDirectory(path.join(dir, WORKSPACE_FOLDER))) return real(dir);
    if (dir === path.dirname(dir) || fs.existsSync(path.join(dir, '.git'))) return undefined;
  }
  return undefined;
}

/** A directory and all above it, the nearest first, as it is written and as it really is. */
export function placesAbove(cwd: string): string[] {
  const found = new Set<string>();
  const written = path.resolve(cwd);
  for (const begin of [written, realIfThere(written)])
    for (let dir = begin; !found.has(dir); dir = path.dirname(dir)) found.add(dir);
  return [...found];
}

/** The policy of a session that a compose file has made: of its own, beside the user's. */
export function composePolicy(home: string, { project, part }: { project: string; part: string }): string {
  return path.join(home, 'policies', project, `${part}${EXTENSION}`);
}

export interface PlacedFile {
  /** Absolute. */
  file: string;
  /** As its definition is called. */
  name: string;
}

/** The definitions' files of a directory, by name. None when there is no such directory. */
export function definitionFiles(dir: string): PlacedFile[] {
  let names: string[];
  try {
    names = fs.readdirSync(dir);
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
  return names
    .filter((name) => name.endsWith(EXTENSION))
    .sort()
    .slice(0, MAX_FILES)
    .map((name) => ({ file: path.join(dir, name), name: name.slice(0, -EXTENSION.length) }));
}

export function definitionPath(dir: string, name: string): string {
  return path.join(dir, `${name}${EXTENSION}`);
}

/** A file's bytes, read once, so that what is judged is what is used. Undefined when it is not there. */
export function readOnce(file: string): Buffer | undefined {
  let fd: number;
  try {
    // Not waiting for whoever writes to a pipe that lies there.
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
  try {
    const stat = fs.fstatSync(fd);
    if (!stat.isFile()) return undefined;
    const bytes = Buffer.alloc(Math.min(stat.size, MAX_BYTES));
    return bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    fs.closeSync(fd);
  }
}

function isDirectory(dir: string): boolean {
  try {
    return fs.statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (error) {
    if (isCode(error, 'ELOOP')) throw invalid(dir, START, '', 'a link that leads to itself');
    throw error;
  }
}

function realIfThere(dir: string): string {
  try {
    return real(dir);
  } catch {
    return dir;
  }
}

function real(dir: string): string {
  return fs.realpathSync(dir);
}
