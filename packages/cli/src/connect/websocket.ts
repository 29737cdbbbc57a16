/**
 * The client's transport on a unix socket: WebSocket (RFC 6455) in as much as a Skein node speaks it. The usual library
 * would load TLS and triple the time that `skein ls` takes.
 */
import net from 'node:net';
import type { Connect, Transport, TransportEvents } from '@skein/protocol/client/transport';
import { SkeinError } from '@skein/protocol/errors';
import { Opcode, WsReader } from './ws-reader.ts';

/** Bytes of the server's answer to the handshake; ours has some 130. */
const ANSWER_MAX = 8 * 1024;

/**
 * The key exists to keep caching proxies out, and the accept header that would prove its receipt needs SHA-1. Nothing
 * stands between the ends of a unix socket in an owner's own directory, so the key is fixed and the proof not asked for.
 */
const HANDSHAKE =
  'GET / HTTP/1.1\r\nHost: skein\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: c2tlaW4gc2tlaW4gc2tlaQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';

/** Connects to the node's socket; throws `node_unreachable` with the system's reason in `data.cause`. */
export function webSocket(path: string): Connect {
  return (events) =>
    new Promise((resolve, reject) => {
      const socket = net.connect(path);
      new Connecting(socket, events, resolve, (why, cause) => {
        socket.destroy();
        reject(new SkeinError('node_unreachable', `No node answers at ${path}: ${why}.`, { cause }));
      });
    });
}

class Connecting {
  readonly #socket: net.Socket;
  readonly #events: TransportEvents;
  readonly #opened: (transport: Transport) => void;
  readonly #refused: (why: string, cause: string) => void;
  #answer: Uint8Array = new Uint8Array(0);
  #reader: WsReader | undefined;
  #error: Error | undefined;

  constructor(
    socket: net.Socket,
    events: TransportEvents,
    opened: (transport: Transport) => void,
    refused: (why: string, cause: string) => void,
  ) {
    this.#socket = socket;
    this.#events = events;
    this.#opened = opened;
    this.#refused = refused;
    socket.write(HANDSHAKE);
    socket.on('data', (chunk: Uint8Array) => this.#data(chunk));
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('close', () => {
      if (this.#reader !== undefined) return events.closed(this.#error);
      const { code = 'closed', message = 'it hung up' } = (this.#error ?? {}) as NodeJS.ErrnoException;
      refused(message, code);
    });
  }

  #data(chunk: Uint8Array): void {
    if (this.#reader === undefined) return this.#handshake(chunk);
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error(String(error));
      this.#socket.destroy();
    }
  }

  #handshake(chunk: Uint8Array): void {
    const answer = Buffer.concat([this.#answer, chunk]);
    const end = answer.indexOf('\r\n\r\n');
    if (end < 0 && answer.length < ANSWER_MAX) {
      this.#answer = answer;
      return;
    }
    if (end < 0 || !answer.subarray(0, 13).equals(Buffer.from('HTTP/1.1 101 ')))
      return this.#refused('it does not speak WebSocket', 'handshake');
    const socket = this.#socket;
    this.#reader = new WsReader({
      message: (bytes) => this.#events.message(bytes),
      ping: (payload) => socket.write(clientFrame(Opcode.PONG, payload)),
      close: () => socket.end(clientFrame(Opcode.CLOSE, new Uint8Array(0))),
    });
    this.#opened(transportOf(socket));
    // After the owner of the transport has got it.
    if (answer.length > end + 4) queueMicrotask(() => this.#data(answer.subarray(end + 4)));
  }
}

function transportOf(socket: net.Socket): Transport {
  return {
    send: (message) => {
      if (socket.writable) socket.write(clientFrame(Opcode.BINARY, message));
    },
    get buffered() {
      return socket.writableLength;
    },
    close: () => {
      if (socket.writable) socket.write(clientFrame(Opcode.CLOSE, new Uint8Array(0)));
      socket.destroySoon();
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}

/**
 * A whole frame. A client's frames are masked (§5.3), so that no proxy takes what an attacker chose for a request of its
 * own; with no proxy between, the key may be zero, which leaves the payload as it is.
 */
function clientFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const extended = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const head = 2 + extended + 4;
  const out = Buffer.alloc(head + length);
  out[0] = 0x80 | opcode;
  out[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) out.writeUInt16BE(length, 2);
  else if (extended === 8) out.writeBigUInt64BE(BigInt(length), 2);
  out.set(payload, head);
  return out;
}
