/** The connection to another machine for who needs it once (rule M5). */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { FarPeer } from './far-peer.ts';

/** The present connection, or the next. Throws `peer_unreachable`, saying why, when there is none within `ms`. */
export async function connected(peer: FarPeer, ms: number, aborted: AbortSignal): Promise<Client> {
  const limit = AbortSignal.any([aborted, AbortSignal.timeout(ms)]);
  const { promise, resolve, reject } = Promise.withResolvers<Client>();
  const late = () =>
    reject(new SkeinError('peer_unreachable', peer.why ?? 'That machine cannot be reached.'));
  if (limit.aborted) late();
  limit.addEventListener('abort', late, { once: true });
  const leave = peer.serve(resolve);
  try {
    return await promise;
  } finally {
    limit.removeEventListener('abort', late);
    leave();
  }
}
