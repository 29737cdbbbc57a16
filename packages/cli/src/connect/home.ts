/** Where the node's home is: `--home`, else SKEIN_HOME, else the XDG state directory. */
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';

/** The absolute path; it need not exist. */
export function resolveHome(given: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const named = given || env.SKEIN_HOME;
  if (named) return path.resolve(named);
  // The specification says that a relative XDG path is to be passed over.
  if (env.XDG_STATE_HOME && path.isAbsolute(env.XDG_STATE_HOME))
    return path.join(env.XDG_STATE_HOME, 'skein');
  if (!env.HOME) throw new SkeinError('bad_request', 'HOME is not set. Say where to keep things: --home DIR');
  return path.join(env.HOME, '.local', 'state', 'skein');
}
