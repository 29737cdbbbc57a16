/**
 * A program in a sandbox of bubblewrap's (rule W4): its workspace can only be read, but for what its run has claimed when it
 * starts; the rest of the system too, but for where programs keep their own things.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';

/** Milliseconds that bubblewrap may take to show that it works here. */
const TRY_MS = 10_000;

/** Signals that are the program's business: the processes around it leave them alone, so that it ends by itself, or does not. */
const SIGNALS = ['HUP', 'INT', 'QUIT', 'TERM', 'TSTP', 'TTIN', 'TTOU'];

export interface Sandbox {
  /** The workspace's directory, absolute and without links. */
  root: string;
  /** What in it can be written: absolute, existing, parents before what is in them. */
  writable: readonly string[];
  cwd: string;
  /** SKEIN_HOME: what is in it would let a program out. */
  skein: string;
  /** Where programs keep their own things; and what nobody writes. Each absolute, existing, and without links. */
  own: readonly string[];
  kept: readonly string[];
}

/** The command that runs another in a sandbox. Pure. */
export function sandboxed(
  argv: readonly string[],
  { root, writable, cwd, skein, own, kept }: Sandbox,
): string[] {
  const mounts = ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'];
  // Root needs no capability to set the kernel's settings, and one of them names a program that is run outside (core_pattern).
  mounts.push('--ro-bind-try', '/proc/sys', '/proc/sys');
  // A base may be all that a user has: his programs' own things are in it then.
  const barred = kept.filter((one) => !own.some((place) => within(place, one)));
  const closed = [root, skein, ...barred];
  const free = (one: string) => !closed.some((other) => within(one, other));
  const open = own.filter(free);
  // What is mounted cannot be renamed, so nothing else is put in the place of what lies in it.
  const pinned = closed.flatMap(above).filter((one) => free(one) && open.some((place) => within(one, place)));
  for (const one of sorted([...open, ...pinned])) mounts.push('--bind-try', one, one);
  // The node's socket is there, and those of its hosts: they would start programs outside for whoever asks.
  mounts.push('--tmpfs', skein);
  const inside = (one: string) => within(one, root);
  const outside = barred.filter((one) => !inside(one));
  for (const one of sorted([...outside, root])) mounts.push('--ro-bind', one, one);
  for (const one of writable) mounts.push('--bind', one, one);
  // As everywhere: what git keeps of the repository is nobody's to write, whoever has claimed all the rest.
  for (const one of sorted(barred.filter(inside))) mounts.push('--ro-bind', one, one);
  const bounds = ['--unshare-pid', '--unshare-ipc', '--cap-drop', 'ALL', '--die-with-parent'];
  const inner = ['env', `--default-signal=${SIGNALS.join(',')}`, '--', ...argv];
  const outer = `trap '' ${SIGNALS.join(' ')}; exec "$@"`;
  return ['/bin/sh', '-c', outer, 'sh', 'bwrap', ...bounds, ...mounts, '--chdir', cwd, '--', ...inner];
}

/** The directories that a path lies in. */
function above(file: string): string[] {
  const dir = path.dirname(file);
  return dir === file ? [] : [dir, ...above(dir)];
}

/** Whether a path is that directory, or lies in it. */
function within(file: string, dir: string): boolean {
  return file === dir || file.startsWith(dir === '/' ? dir : `${dir}/`);
}

/** Each once, parents before what is in them. */
function sorted(all: readonly string[]): string[] {
  return [...new Set(all)].sort();
}

/** Throws `sandbox_unavailable` where there is no bubblewrap, or the system does not let it work. */
export function checkBubblewrap(env: Record<string, string | undefined> = process.env): void {
  const words = [
    '--unshare-pid',
    '--cap-drop',
    'ALL',
    '--ro-bind',
    '/',
    '/',
    '--proc',
    '/proc',
    '--',
    'true',
  ];
  const { error, status, stderr } = spawnSync('bwrap', words, { env, timeout: TRY_MS, encoding: 'utf8' });
  if (status === 0) return;
  const how =
    process.platform === 'linux'
      ? 'Install it: sudo apt install bubblewrap (or dnf, pacman, zypper)'
      : 'There is none for this system; run it without --sandbox';
  if (error !== undefined)
    throw new SkeinError(
      'sandbox_unavailable',
      `--sandbox needs bubblewrap, and there is no bwrap here. ${how}.`,
    );
  const said = stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  throw new SkeinError(
    'sandbox_unavailable',
    `bubblewrap does not work here: ${said === '' ? `exit ${status}` : said}. It needs user namespaces (sysctl kernel.unprivileged_userns_clone, or kernel.apparmor_restrict_unprivileged_userns).`,
  );
}

/** Whether something is a directory or a file that a sandbox can let through: no link, and no file that has other names as well. */
export function checkWritable(root: string, file: string): fs.Stats {
  const shown = path.relative(root, file);
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new SkeinError(
      'not_found',
      `${shown} is not there, so a sandbox cannot let it be written. Make it first, or claim its directory: '${path.dirname(shown)}/**'.`,
      { path: shown },
    );
  if (fs.realpathSync(file) !== file || (!stat.isFile() && !stat.isDirectory()))
    throw new SkeinError('not_allowed', `${shown} is no plain file or directory.`, { path: shown });
  if (stat.isFile() && stat.nlink > 1)
    throw new SkeinError(
      'not_allowed',
      `${shown} has ${stat.nlink} names (hard links), and writing it writes them all: it cannot be let through.`,
      { path: shown },
    );
  return stat;
}
