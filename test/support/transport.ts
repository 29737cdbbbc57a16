/** The product's client over a node's unix socket. */
import { nodeSocket } from '@skein/node/home';
import { Client } from '@skein/protocol/client/client';
import type { ClientOptions } from '@skein/protocol/client/options';
import type { Connect, Transport } from '@skein/protocol/client/transport';
import { SkeinError } from '@skein/protocol/errors';
import { WebSocket } from 'ws';

/** A transport on a unix socket; `made` is told each new one, for tests that stop or break it. */
export function unixTransport(
  path: string,
  made: (socket: WebSocket) => void = () => {},
  resource = '/',
): Connect {
  return (events) =>
    new Promise((resolve, reject) => {
      const ws = new WebSocket(`ws+unix:${path}:${resource}`, {
        perMessageDeflate: false,
        handshakeTimeout: 5_000,
      });
      ws.binaryType = 'nodebuffer';
      made(ws);
      const transport: Transport = {
        send: (message) => {
          if (ws.readyState === ws.OPEN) ws.send(message);
        },
        get buffered() {
          return ws.bufferedAmount;
        },
        close: () => ws.terminate(),
        pause: () => ws.pause(),
        resume: () => ws.resume(),
      };
      ws.on('open', () => resolve(transport));
      ws.on('message', (data) => events.message(data as Buffer));
      ws.on('error', (error) => reject(new SkeinError('node_unreachable', error.message)));
      ws.on('close', () => events.closed());
    });
}

/** A client of the node in a home; with `retryFor` it survives the node's restarts. */
export function connectNode(home: string, options: Partial<ClientOptions> = {}): Promise<Client> {
  return Client.connect({
    connect: unixTransport(nodeSocket(home)),
    name: 'test',
    version: '0',
    ...options,
  });
}

/** A client of another node, through the one in a home (M4). */
export function connectAway(
  home: string,
  node: string,
  options: Partial<ClientOptions> = {},
): Promise<Client> {
  const connect = unixTransport(nodeSocket(home), () => {}, `/node/${node}`);
  return Client.connect({ connect, name: 'test', version: '0', ...options });
}
