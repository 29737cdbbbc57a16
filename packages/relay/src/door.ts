/** The relay's one port (rule R3): accepts, limits newcomers, unwraps TLS, and hands each request to what it asks for. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import tls, { type SecureContext } from 'node:tls';
import { SkeinError } from '@skein/protocol/errors';
import { SPLICE_HIGH_WATER } from '@skein/protocol/relay/limits';
import { forwardedFor } from './client-address.ts';
import { refuseUpgrade } from './http-answers.ts';
import type { Newcomer, Newcomers } from './newcomers.ts';
import type { Stats } from './stats.ts';

/** Bytes of a request's head: what proxies add fits, and a newcomer costs no more. */
const HEAD_MAX = 8 * 1024;

interface DoorOptions {
  host: string;
  port: number;
  connections: number;
  trustProxy: boolean;
  newcomers: Newcomers;
  stats: Stats;
  /** Undefined without TLS of one's own. Asked for each connection, so that it can be changed. */
  secureContext(): SecureContext | undefined;
  request(path: string, request: IncomingMessage, response: ServerResponse): void;
  /** `head` is what came behind the request. */
  upgrade(path: string, upgrade: Upgrade): void;
}

export interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
  newcomer: Newcomer;
}

export class Door {
  readonly #options: DoorOptions;
  readonly #http: http.Server;
  readonly #net: net.Server;
  readonly #newcomers = new WeakMap<Duplex, Newcomer>();
  readonly #sockets = new Set<Socket>();

  constructor(options: DoorOptions) {
    this.#options = options;
    // A newcomer's deadline covers head and request; http's own clocks would only cost.
    const patience = { headersTimeout: 0, requestTimeout: 0, keepAliveTimeout: 0 };
    this.#http = http.createServer({ ...patience, maxHeaderSize: HEAD_MAX }, (request, response) => {
      if (this.#known(request, request.socket) !== undefined)
        options.request(pathOf(request), request, response);
    });
    this.#http.on('upgrade', (request, socket, head) => {
      // An upgraded socket has lost the server's own listener; a close follows.
      socket.on('error', () => {});
      const newcomer = this.#known(request, socket);
      if (newcomer !== undefined) options.upgrade(pathOf(request), { request, socket, head, newcomer });
    });
    this.#http.on('clientError', (_error, socket) => {
      options.stats.turnedAway.add('bad_request');
      refuseUpgrade(
        socket,
        400,
        new SkeinError('bad_request', 'This is not a request that the relay understands.'),
      );
    });
    const sockets = { allowHalfOpen: true, noDelay: true, highWaterMark: SPLICE_HIGH_WATER };
    this.#net = net.createServer(sockets, (socket) => this.#accept(socket));
    this.#net.maxConnections = options.connections;
    this.#net.on('drop', () => options.stats.turnedAway.add('connections'));
  }

  /** The port it listens on; throws what the system says. */
  open(): Promise<number> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#net.once('error', reject);
      this.#net.listen({ host, port, backlog: 1024 }, () => {
        this.#net.off('error', reject);
        // An accept that fails for want of descriptors is one connection less.
        this.#net.on('error', () => this.#options.stats.turnedAway.add('accept'));
        resolve((this.#net.address() as net.AddressInfo).port);
      });
    });
  }

  /** Accepts no more; resolves when every connection has ended. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#net.close(() => resolve()));
  }

  /** Cuts every connection there is. */
  destroy(): void {
    for (const socket of [...this.#sockets]) socket.destroy();
  }

  get connections(): number {
    return this.#sockets.size;
  }

  #accept(socket: Socket): void {
    const { newcomers, stats, trustProxy, secureContext } = this.#options;
    this.#sockets.add(socket);
    // A close follows.
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
    const newcomer = newcomers.admit(socket);
    if (newcomer === undefined || (!trustProxy && !newcomers.from(newcomer, socket.remoteAddress))) {
      stats.turnedAway.add(newcomer === undefined ? 'newcomers' : 'address');
      return void socket.destroy();
    }
    const context = secureContext();
    const stream = context === undefined ? socket : this.#unwrap(socket, context);
    this.#newcomers.set(stream, newcomer);
    this.#http.emit('connection', stream);
  }

  #unwrap(socket: Socket, secureContext: SecureContext): Duplex {
    const options = { isServer: true, secureContext, highWaterMark: SPLICE_HIGH_WATER };
    const stream = new tls.TLSSocket(socket, options);
    stream.on('error', () => socket.destroy());
    return stream;
  }

  /** The newcomer who asks, unless its address has too many, which is only now known behind a proxy. */
  #known(request: IncomingMessage, socket: Duplex): Newcomer | undefined {
    const { trustProxy, newcomers, stats } = this.#options;
    const newcomer = this.#newcomers.get(socket);
    // One request a connection: many in one packet would be much work for few bytes.
    this.#newcomers.delete(socket);
    if (newcomer === undefined) {
      socket.destroy();
      return undefined;
    }
    if (!trustProxy) return newcomer;
    const address = forwardedFor(request.headers['x-forwarded-for']) ?? newcomer.socket.remoteAddress;
    if (newcomers.from(newcomer, address)) return newcomer;
    stats.turnedAway.add('address');
    refuseUpgrade(
      socket,
      429,
      new SkeinError('quota_exceeded', 'Too many connections begin at your address.'),
    );
    return undefined;
  }
}

/** Without the query. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] as string;
}
