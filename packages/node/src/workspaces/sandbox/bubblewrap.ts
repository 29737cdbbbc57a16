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
  /** The user's own directory, which programs keep settings and caches in. */
  home: string | undefined;
  /** SKEIN_HOME: what is in it would let a program out. */
  skein: string;
}

/** The command that runs another in a sandbox. Pure. */
export function sandboxed(argv: readonly string[], box: Sandbox): string[] {
  const { root, writable, cwd, home, skein } = box;
  const mounts = ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'];
  // What programs need for themselves: settings, caches, sockets, shared memory.
  for (const dir of ['/tmp', '/var/tmp', '/dev/shm']) mounts.push('--bind-try', dir, dir);
  if (home !== undefined && path.isAbsolute(home) && home !== '/') mounts.push('--bind-try', home, home);
  // The node's socket is there, and those of its hosts: they would start programs outside for whoever asks.
  mounts.push('--tmpfs', skein, '--ro-bind', root, root);
  for (const one of writable) mounts.push('--bind', one, one);
  // As everywhere: what git keeps of the repository is nobody's to write, whoever has claimed all the rest.
  mounts.push('--ro-bind-try', path.join(root, '.git'), path.join(root, '.git'));
  const bounds = ['--unshare-pid', '--unshare-ipc', '--cap-drop', 'ALL', '--die-with-parent'];
  const inner = ['env', `--default-signal=${SIGNALS.join(',')}`, '--', ...argv];
  const outer = `trap '' ${SIGNALS.join(' ')}; exec "$@"`;
  return ['/bin/sh', '-c', outer, 'sh', 'bwrap', ...bounds, ...mounts, '--chdir', cwd, '--', ...inner];
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
