/** Checks of what is here whether a node runs or not: programs, the home, the disk, the terminal. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import tty from 'node:tty';
import { longestSocket, SOCKET_PATH } from '@skein/client/home';
import { DISK_ADVICE, SkeinError } from '@skein/protocol/errors';
import { shellWord } from '@skein/protocol/text/words';
import { detachKeys, detachText } from '../../connect/config.ts';
import { nodeBundle } from '../../connect/start.ts';
import { bytesText } from '../../output/bytes-text.ts';
import { type Check, fail, ok, warn } from './check.ts';

const WANTED_NODE = 24;
/** Bytes free, below which a session's journals soon fill the disk, and below which nothing works for long. */
const LITTLE = 1024 ** 3;
const NOTHING = 64 * 1024 ** 2;
/** Milliseconds for the native parts to load. */
const LOAD_MS = 10_000;

export function checkRuntime(): Check {
  const major = Number(process.versions.node.split('.')[0]);
  const message = `Node ${process.versions.node} on ${process.platform} ${process.arch}`;
  if (major >= WANTED_NODE) return ok('runtime', message);
  return fail('runtime', message, `Skein needs Node ${WANTED_NODE}. In its repository: npm run setup`);
}

export function checkHome(home: string): Check {
  if (Buffer.byteLength(longestSocket(home)) > SOCKET_PATH)
    return fail('home', `${home} is too long for a socket's path`, 'Set SKEIN_HOME to a shorter directory.');
  const stat = fs.statSync(home, { throwIfNoEntry: false });
  if (stat === undefined) return checkAbove(home);
  if (!stat.isDirectory()) return fail('home', `${home} is not a directory`, 'Set SKEIN_HOME to another.');
  const uid = process.getuid?.();
  if (uid !== undefined && stat.uid !== uid)
    return fail(
      'home',
      `${home} belongs to user ${stat.uid}, not to you`,
      'Set SKEIN_HOME to a directory of yours.',
    );
  if ((stat.mode & 0o077) !== 0)
    return fail('home', `${home} is open to others`, `chmod 700 ${shellWord(home)}`);
  try {
    fs.accessSync(home, fs.constants.W_OK | fs.constants.X_OK);
  } catch (error) {
    // Told with the disk.
    if ((error as NodeJS.ErrnoException).code === 'EROFS') return ok('home', home);
    return fail('home', `${home} cannot be written`, `chmod 700 ${shellWord(home)}`);
  }
  return ok('home', home);
}

/** Of a home that is not there: whether it can be made. */
function checkAbove(home: string): Check {
  let above = path.dirname(home);
  while (!fs.existsSync(above) && above !== path.dirname(above)) above = path.dirname(above);
  const advice = 'Set SKEIN_HOME to a directory of yours.';
  if (!fs.statSync(above).isDirectory())
    return fail('home', `${home} cannot be made: ${above} is not a directory`, advice);
  try {
    fs.accessSync(above, fs.constants.W_OK | fs.constants.X_OK);
  } catch {
    return fail('home', `${home} cannot be made: ${above} cannot be written`, advice);
  }
  return ok('home', `${home}, not made yet`);
}

/** What the user has configured, by config.json or the environment. */
export function checkConfig(home: string, env: NodeJS.ProcessEnv = process.env): Check {
  try {
    detachKeys(home, env);
    return ok('config', `${detachText(home, env)} leaves a session`);
  } catch (error) {
    const where = env.SKEIN_DETACH ? 'SKEIN_DETACH' : path.join(home, 'config.json');
    return fail(
      'config',
      SkeinError.from(error).message,
      `Without it nothing can be attached to: correct ${where}`,
    );
  }
}

export function checkDisk(home: string): Check {
  const there = existing(home);
  const { bavail, bsize, files, ffree } = fs.statfsSync(there);
  const free = bavail * bsize;
  const message = `${bytesText(free)} free for ${home}`;
  const refused = there === home ? refusal(home) : undefined;
  if (refused === 'EROFS')
    return fail('disk', `${home} is on a file system that is read-only`, DISK_ADVICE.EROFS);
  if (refused === 'EIO') return fail('disk', `The disk of ${home} does not answer`, DISK_ADVICE.EIO);
  if (files > 0 && ffree === 0)
    return fail(
      'disk',
      `${message}, and no inode: it takes no further file`,
      'Remove files that nobody needs; df -i counts them.',
    );
  if (free < NOTHING) return fail('disk', message, 'Make room: nothing can be recorded without it.');
  if (free < LITTLE) return warn('disk', message, 'Make room, or remove old sessions: skein rm --purge');
  return ok('disk', message);
}

/** Why the disk of a home takes no file, which neither the mode of the directory nor the room on it tells. */
function refusal(home: string): string | undefined {
  const file = path.join(home, `.doctor-${process.pid}`);
  try {
    fs.writeFileSync(file, 'Removed at once.\n', { flag: 'wx', mode: 0o600 });
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  } finally {
    // Also on a disk that has made it and did not take what is in it.
    try {
      fs.rmSync(file, { force: true });
    } catch {}
  }
}

/** The nearest directory that is there. */
function existing(dir: string): string {
  return fs.existsSync(dir) ? dir : existing(path.dirname(dir));
}

/** Loads the parts that are compiled for one platform alone, in a process of their own. */
export async function checkNative(): Promise<Check> {
  let dir: string;
  try {
    dir = path.dirname(nodeBundle());
  } catch (error) {
    return fail('native parts', SkeinError.from(error).message, 'Build it: npm run build');
  }
  const script = `
    const path = require('node:path');
    const pty = require(path.join(${JSON.stringify(dir)}, 'pty.node'));
    require(path.join(${JSON.stringify(dir)}, 'better_sqlite3.node'));
    const { master } = pty.open(80, 24);
    process.stdout.write(require('node:tty').isatty(master) ? 'works' : 'gives no terminal');`;
  const { code, out, err } = await runNode(script);
  if (code === 0 && out === 'works') return ok('pty', 'A pseudo-terminal can be opened; SQLite loads');
  const why = err.split('\n').find((line) => line.includes('Error')) ?? (out || `it ended with ${code}`);
  return fail(
    'pty',
    `The native parts do not work: ${why.trim()}`,
    'Build again on this machine: npm run setup',
  );
}

function runNode(script: string): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['-e', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LOAD_MS,
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('error', (error) => resolve({ code: null, out, err: `Error: ${error.message}` }));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

export function checkTerminal(env: NodeJS.ProcessEnv = process.env): Check {
  if (!tty.isatty(0) || !tty.isatty(1))
    return ok('terminal', 'None here: attaching needs one, everything else does not');
  const { TERM = '', COLORTERM = '', LANG = '', LC_ALL = '', LC_CTYPE = '' } = env;
  const { columns = 0, rows = 0 } = process.stdout;
  const colours = /truecolor|24bit/.test(COLORTERM)
    ? 'truecolour'
    : /256/.test(TERM)
      ? '256 colours'
      : 'few colours';
  const message = `${TERM || 'unknown'}, ${columns}x${rows}, ${colours}`;
  if (TERM === '' || TERM === 'dumb')
    return warn('terminal', message, 'TERM says that it can do nothing: full-screen programs will not work.');
  const locale = LC_ALL || LC_CTYPE || LANG;
  if (!/utf-?8/i.test(locale))
    return warn(
      'terminal',
      `${message}, locale ${locale || 'unset'}`,
      'Set a UTF-8 locale: export LANG=C.UTF-8',
    );
  return ok('terminal', message);
}
