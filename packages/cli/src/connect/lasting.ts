/** A connection for as long as somebody looks: through this user's own node, which is started again when it has died meanwhile. */
import { nodeSocket } from '@skein/client/home';
import { leaving } from '@skein/client/leaving';
import { webSocket } from '@skein/client/transport/websocket';
import { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { VERSION } from '../version.ts';
import { peerOf } from './node.ts';
import { isDown, reviveAfter } from './revive.ts';

/** Milliseconds for which a lost connection is tried again: as long as anybody leaves a screen open. */
const RETRY_MS = 7 * 24 * 3600 * 1000;

/** `node` is another node, by what it is called now; `name` what this is called in a node's log. */
export async function connectLasting(
  home: string,
  node: string | undefined,
  name: string,
  onConnection: (state: 'lost' | 'back') => void,
): Promise<Client> {
  const open = webSocket(
    nodeSocket(home),
    node === undefined ? '/' : `/node/${encodeURIComponent(await peerOf(home, node))}`,
  );
  return Client.connect({
    connect: async (events) => {
      try {
        return await open(events);
      } catch (thrown) {
        const error = SkeinError.from(thrown);
        if (isDown(error)) reviveAfter(error, home);
        throw error;
      }
    },
    ...{ name, version: VERSION, retryFor: RETRY_MS, leaving: leaving(), onConnection },
  });
}
