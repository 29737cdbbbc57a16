/**
 * The directory a host runs from (rule H1): Node, the bundle, its worker and pty.node, copied once a build, so that an
 * update under a running host cannot hurt it.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { isCode, makeDir, sync } from '../platform/files.ts';

const FILES = ['host.cjs', 'emulator-worker.cjs', 'pty.node'];
/** macOS starts programs through a helper of node-pty's; agents run our hooks and tools, as long as their host lives. */
const OPTIONAL = ['spawn-helper', 'hook.cjs', 'mcp.cjs'];

/** How the name of one that is being made ends. */
const HALF_MADE = '.new';

interface Runtime {
  /** Names the build: the same files give the same hash. */
  hash: string;
  dir: string;
  node: string;
  host: string;
  /** What agents run as their hooks. */
  hook: string;
  /** What agents run for the tools by which they direct others. */
  mcp: string;
}

/** Makes the runtime of the bundle in `from`, if it is not there yet. */
export function ensureRuntime(home: string, from: string): Runtime {
  const hash = createHash('sha256').update(process.version);
  const files = [...FILES, ...OPTIONAL.filter((file) => fs.existsSync(path.join(from, file)))];
  for (const file of files) hash.update(fs.readFileSync(path.join(from, file)));
  const name = hash.digest('hex').slice(0, 16);
  const runtime = runtimeFiles(home, name);
  const { dir } = runtime;
  if (fs.existsSync(dir)) return runtime;
  // Built beside, whole on the disk, and renamed: a half-made one is never used, not after a power cut either.
  const beside = `${dir}${HALF_MADE}`;
  dropHalfMade(path.dirname(dir));
  makeDir(beside);
  try {
    for (const file of files) fs.copyFileSync(path.join(from, file), path.join(beside, file));
    linkOrCopy(fs.realpathSync(process.execPath), path.join(beside, 'node'));
    for (const file of files) sync(path.join(beside, file));
    sync(beside);
  } catch (error) {
    // On a disk that is full each attempt would take what room there is left.
    fs.rmSync(beside, { recursive: true, force: true });
    if (!isCode(error, 'ENOSPC')) throw error;
    const paths = [fs.realpathSync(process.execPath), ...files.map((file) => path.join(from, file))];
    throw noRoom(path.dirname(dir), paths);
  }
  fs.renameSync(beside, dir);
  sync(path.dirname(dir));
  return runtime;
}

/** A disk may be nearly empty, and yet too small for it. */
function noRoom(dir: string, files: string[]): SkeinError {
  const { bavail, bsize } = fs.statfsSync(dir);
  const needed = files.reduce((sum, file) => sum + fs.statSync(file).size, 0);
  const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20);
  const free = mib(bavail * bsize);
  const message = `What programs are held by, Node with it, takes ${mib(needed)} MiB in ${dir}, where ${free} MiB are free.`;
  return new SkeinError('storage_unavailable', message, { needed, free: bavail * bsize });
}

/** What a node that was killed meanwhile left: up to the size of Node itself. The home's lock is ours. */
function dropHalfMade(dir: string): void {
  makeDir(dir);
  const left = fs.readdirSync(dir).filter((name) => name.endsWith(HALF_MADE));
  for (const name of left) fs.rmSync(path.join(dir, name), { recursive: true, force: true });
}

/** What is in the runtime of a build. */
export function runtimeFiles(home: string, hash: string): Runtime {
  const dir = path.join(home, 'runtimes', hash);
  const file = (name: string) => path.join(dir, name);
  return {
    hash,
    dir,
    node: file('node'),
    host: file('host.cjs'),
    hook: file('hook.cjs'),
    mcp: file('mcp.cjs'),
  };
}

/** A hard link keeps the file when its package is replaced, and costs nothing; another file system needs a copy. */
function linkOrCopy(from: string, to: string): void {
  try {
    fs.linkSync(from, to);
  } catch (error) {
    if (!isCode(error, 'EXDEV', 'EPERM', 'EMLINK', 'EACCES')) throw error;
    fs.copyFileSync(from, to, fs.constants.COPYFILE_FICLONE);
    fs.chmodSync(to, 0o700);
    sync(to);
  }
}

/** Removes runtimes that no live host runs from. */
export function pruneRuntimes(home: string, used: Set<string>): void {
  const dir = path.join(home, 'runtimes');
  if (!fs.existsSync(dir)) return;
  for (const name of fs.readdirSync(dir)) {
    if (!used.has(name)) fs.rmSync(path.join(dir, name), { recursive: true, force: true });
  }
}
