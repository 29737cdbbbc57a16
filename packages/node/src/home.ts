/** The home of a node: a directory that is its owner's alone, and whose sockets the system can name. */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { shellWord } from '@skein/protocol/text/words';
import { isCode, makeDir } from './platform/files.ts';

/** Bytes that a unix socket's path may have, the ending NUL apart. */
const SOCKET_PATH = process.platform === 'darwin' ? 103 : 107;

export function nodeSocket(home: string): string {
  return path.join(home, 'run', 'node.sock');
}

/** Makes the home, or checks the one that is there: `path_too_long`, `home_unsafe`. */
export function openHome(home: string): void {
  const longest = path.join(home, 'run', 'h-000000.sock');
  if (Buffer.byteLength(longest) > SOCKET_PATH) {
    const message = `${home} is too long for the sockets in it: at most ${SOCKET_PATH - '/run/h-000000.sock'.length} bytes. Set SKEIN_HOME to a shorter path.`;
    throw new SkeinError('path_too_long', message, { home });
  }
  try {
    makeDir(home);
  } catch (error) {
    if (!isCode(error, 'EACCES', 'EPERM', 'ENOTDIR', 'EEXIST', 'EROFS')) throw error;
    throw new SkeinError(
      'home_unsafe',
      `${home} cannot be made: ${(error as Error).message}. Set SKEIN_HOME to a directory of yours.`,
    );
  }
  const stat = fs.statSync(home);
  const uid = process.getuid?.();
  if (uid !== undefined && stat.uid !== uid) {
    throw new SkeinError(
      'home_unsafe',
      `${home} belongs to somebody else. Set SKEIN_HOME to a directory of yours.`,
      { home },
    );
  }
  if ((stat.mode & 0o077) !== 0) {
    throw new SkeinError('home_unsafe', `${home} is open to others. Close it: chmod 700 ${shellWord(home)}`, {
      home,
    });
  }
  makeDir(path.join(home, 'run'));
}
