/** The node's door (rule C1): WebSocket on a unix socket in a directory that only its owner can enter. */
import http from 'node:http';
import { SkeinError } from '@skein/protocol/errors';
import { MAX_FRAME } from '@skein/protocol/limits';
import { WebSocketServer } from 'ws';
import { LOCAL_USER } from '../members/principal.ts';
import type { Log } from '../node-log.ts';
import { OwnSocket } from '../platform/own-socket.ts';
import { type Connections, turnedAway } from './connections.ts';
import type { Pipe, PipeEvents } from './pipe.ts';
import { wsPipe } from './ws-pipe.ts';

/** Connections at a time. Each costs a socket; more than this is a mistake or an attack. */
const MAX_CONNECTIONS = 512;
/** Beyond them, those that are being told so: who is only hung up on takes it that no node runs, and starts one. */
const MAX_TURNED_AWAY = 32;

/** The path of a channel to another node, before its name (M4). */
const ELSEWHERE = '/node/';

/** The path of an agent's channel, which proves by its hello which one it is (N1). */
const AGENT = '/agent';

/** Serves a pipe by another node. */
export type Elsewhere = (node: string, pipe: Pipe) => PipeEvents;

export interface Gateway {
  close(): Promise<void>;
}

/** Listens at a path that is this node's own. Whoever can open it is the owner; anything else comes with its own proof (§2). */
export async function listen(
  path: string,
  connections: Connections,
  elsewhere: Elsewhere,
  { log, lost }: { log: Log; lost(): boolean } = { log: () => {}, lost: () => false },
): Promise<Gateway> {
  // Nothing that a stranger sends may hold a connection open before it has become a channel; Node looks every half
  // minute unless told.
  const patience = { headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 1_000 };
  const server = http.createServer(patience, (_request, response) => {
    response
      .writeHead(426, { 'content-type': 'text/plain' })
      .end('This is a Skein node: it speaks WebSocket.\n');
  });
  server.maxConnections = MAX_CONNECTIONS + MAX_TURNED_AWAY;
  const channels = new WebSocketServer({
    server,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME,
    skipUTF8Validation: true,
  });
  /** Those that are carried on to other nodes: nobody else knows of them here. */
  const carried = new Set<Pipe>();
  channels.on('connection', (socket, { url = '/' }) => {
    const node = nodeIn(url);
    const by = url === AGENT ? { kind: 'agent' as const } : LOCAL_USER;
    wsPipe(socket, (pipe) => {
      if (channels.clients.size > MAX_CONNECTIONS) return turnedAway(pipe, tooMany());
      if (node === undefined) return connections.begin(by, pipe);
      carried.add(pipe);
      socket.once('close', () => carried.delete(pipe));
      return elsewhere(node, pipe);
    });
  });
  // The server's own errors, which it passes on, are those of listening or concern one connection, which is closed.
  channels.on('error', () => {});
  const own = new OwnSocket(server, path, {
    anew: () => log('warn', 'The socket was removed. The node listens at a new one.', { path }),
    lost,
  });
  await own.open();
  return {
    close: () =>
      new Promise((done) => {
        own.close();
        connections.close();
        // The server waits for all of them, and whoever follows a session elsewhere does not leave by themselves.
        for (const pipe of carried) pipe.close();
        channels.close();
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function tooMany(): SkeinError {
  const message = `The node has ${MAX_CONNECTIONS} connections open, and takes no more.`;
  const advice = `End some of the programs that hold them; or the node: kill ${process.pid}`;
  return new SkeinError('mailbox_full', message, { advice });
}

/** The node that a path names; as it stands, where it is not well written: no node is called so. */
function nodeIn(url: string): string | undefined {
  if (!url.startsWith(ELSEWHERE)) return undefined;
  const name = url.slice(ELSEWHERE.length);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
