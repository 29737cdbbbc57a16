/** The node's door (rule C1): WebSocket on a unix socket in a directory that only its owner can enter. */
import fs from 'node:fs';
import http from 'node:http';
import { MAX_FRAME } from '@skein/protocol/limits';
import { WebSocketServer } from 'ws';
import { Connection, type ConnectionContext } from './connection.ts';

/** Connections at a time. Each costs a socket; more than this is a mistake or an attack. */
const MAX_CONNECTIONS = 512;

export interface Gateway {
  connections(): number;
  close(): Promise<void>;
}

/** Listens at a path that is free. Whoever can open it is the owner; anything else comes with its own proof (§2). */
export function listen(path: string, context: ConnectionContext): Promise<Gateway> {
  // Nothing that a stranger sends may hold a connection open before it has become a channel; Node looks every half
  // minute unless told.
  const patience = { headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 1_000 };
  const server = http.createServer(patience, (_request, response) => {
    response
      .writeHead(426, { 'content-type': 'text/plain' })
      .end('This is a Skein node: it speaks WebSocket.\n');
  });
  server.maxConnections = MAX_CONNECTIONS;
  const channels = new WebSocketServer({
    server,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME,
    skipUTF8Validation: true,
  });
  const open = new Set<Connection>();
  channels.on('connection', (socket) => {
    const connection = new Connection(socket, context, () => open.delete(connection));
    open.add(connection);
  });
  channels.on('error', () => {});
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      fs.chmodSync(path, 0o600);
      resolve({
        connections: () => open.size,
        close: () =>
          new Promise((done) => {
            for (const connection of open) connection.close();
            channels.close();
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
}
