/** Where the node's home is: `--home`, else SKEIN_HOME, else the XDG state directory; and whether it can be trusted. */
import { type Stats, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { shellWord } from '@skein/protocol/text/words';

/** Bytes that a unix socket's path may have, the ending NUL apart. */
export const SOCKET_PATH = process.platform === 'darwin' ? 103 : 107;

/** The absolute path; it need not exist. Throws `bad_request` for an empty one, and where none can be found. */
export function resolveHome(given: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  // Whoever names a home by a variable that is empty does not mean the usual one, which they could end all of by it.
  if (given === '')
    throw new SkeinError('bad_request', 'A home is a directory, not "": see what --home was given.');
  const named = given ?? env.SKEIN_HOME;
  if (named) return resolve(named);
  // The specification says that a relative XDG path is to be passed over.
  if (env.XDG_STATE_HOME && isAbsolute(env.XDG_STATE_HOME)) return join(env.XDG_STATE_HOME, 'skein');
  if (!env.HOME) throw new SkeinError('bad_request', 'HOME is not set. Say where to keep things: --home DIR');
  return resolve(env.HOME, '.local', 'state', 'skein');
}

export function nodeSocket(home: string): string {
  return join(home, 'run', 'node.sock');
}

/** The longest path of a socket in a home: that of a host. */
export function longestSocket(home: string): string {
  return join(home, 'run', 'h-000000.sock');
}

/**
 * Throws `path_too_long` or `home_unsafe`: a socket in a directory of somebody else may be anybody's. A home that does
 * not exist is made by the node.
 */
export function checkHome(home: string): void {
  if (Buffer.byteLength(longestSocket(home)) > SOCKET_PATH) {
    const most = SOCKET_PATH - longestSocket('/').length;
    const message = `${home} is too long for the sockets in it: at most ${most} bytes. Set SKEIN_HOME to a shorter path.`;
    throw new SkeinError('path_too_long', message, { home });
  }
  const stat: Stats | undefined = statSync(home, { throwIfNoEntry: false });
  if (stat === undefined) return;
  const uid = process.getuid?.();
  if (!stat.isDirectory() || (uid !== undefined && stat.uid !== uid)) {
    const why = stat.isDirectory() ? 'belongs to somebody else' : 'is not a directory';
    throw new SkeinError('home_unsafe', `${home} ${why}. Set SKEIN_HOME to a directory of yours.`, { home });
  }
  if ((stat.mode & 0o077) !== 0)
    throw new SkeinError('home_unsafe', `${home} is open to others. Close it: chmod 700 ${shellWord(home)}`, {
      home,
    });
}
