/** Whether a node runs, by what connecting to it said. */
import { SkeinError } from '@skein/protocol/errors';

/** Whether nobody listens: there is no socket, or it is what a dead node left. */
export function isAbsent(error: unknown): boolean {
  if (!(error instanceof SkeinError) || error.code !== 'node_unreachable') return false;
  const cause = error.data?.cause;
  // A node that goes down hangs up before its socket is gone; then there is no cause, or only that.
  return (
    cause === undefined ||
    ['ENOENT', 'ENOTDIR', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'closed'].includes(String(cause))
  );
}
