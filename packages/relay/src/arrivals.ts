/** A data connection that has shown its token and waits for the other end: it is answered when that is there, or told why not. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { SkeinError } from '@skein/protocol/errors';
import { SPLICE_PROTOCOL } from '@skein/protocol/relay/frames';
import type { WebSocketServer } from 'ws';
import { type End, RawEnd, type RawSocket, WsEnd } from './ends.ts';
import { refuseUpgrade } from './http-answers.ts';

export interface Arrival {
  /** Called once if it goes before it was answered. */
  gone: (() => void) | undefined;
  /** Answers 101; undefined when that could not be done. */
  accept(): End | undefined;
  refuse(status: number, error: SkeinError): void;
}

/** What both kinds share: nothing may be sent before the answer, and going away is noticed. */
class Waiting {
  readonly socket: Duplex;
  gone: (() => void) | undefined;
  readonly #early = () => this.socket.destroy();
  readonly #away = () => {
    const { gone } = this;
    this.gone = undefined;
    this.socket.destroy();
    gone?.();
  };

  constructor(socket: Duplex) {
    this.socket = socket;
    socket.on('data', this.#early).on('end', this.#away).on('close', this.#away);
  }

  settle(): void {
    this.gone = undefined;
    this.socket.off('data', this.#early).off('end', this.#away).off('close', this.#away);
  }

  refuse(status: number, error: SkeinError): void {
    this.settle();
    refuseUpgrade(this.socket, status, error);
  }
}

const ACCEPTED = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${SPLICE_PROTOCOL}\r\n\r\n`;

export class RawArrival extends Waiting implements Arrival {
  accept(): End | undefined {
    this.settle();
    if (this.socket.destroyed) return undefined;
    this.socket.write(ACCEPTED);
    return new RawEnd(this.socket as RawSocket);
  }
}

export class WsArrival extends Waiting implements Arrival {
  readonly #request: IncomingMessage;
  readonly #server: WebSocketServer;

  constructor(request: IncomingMessage, socket: Duplex, server: WebSocketServer) {
    super(socket);
    this.#request = request;
    this.#server = server;
  }

  accept(): End | undefined {
    this.settle();
    let end: End | undefined;
    // Called back at once, unless the handshake is refused.
    if (!this.socket.destroyed)
      this.#server.handleUpgrade(this.#request, this.socket, Buffer.alloc(0), (ws) => {
        end = new WsEnd(ws, this.socket);
      });
    return end;
  }
}
