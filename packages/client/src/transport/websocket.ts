/**
 * The client's transport on a unix socket: WebSocket (RFC 6455) in as much as a Skein node speaks it. The usual library
 * would load TLS and triple the time that `skein ls` takes.
 */
import type { Connect, Transport, TransportEvents } from '@skein/protocol/client/transport';
import { SkeinError } from '@skein/protocol/errors';
import type { ByteStream, OpenStream } from './byte-stream.ts';
import { openStream } from './open-stream.ts';
import { Opcode, WsReader } from './ws-reader.ts';

/** Milliseconds in which what was written must be taken, once the connection is being closed. */
const LINGER_MS = 1_000;

/** Bytes of the server's answer to the handshake; ours has some 130. */
const ANSWER_MAX = 8 * 1024;

/**
 * The key exists to keep caching proxies out, and the accept header that would prove its receipt needs SHA-1. Nothing
 * stands between the ends of a unix socket in an owner's own directory, so the key is fixed and the proof not asked for.
 */
const handshake = (resource: string) =>
  `GET ${resource} HTTP/1.1\r\nHost: skein\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  'Sec-WebSocket-Key: c2tlaW4gc2tlaW4gc2tlaQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';

/**
 * Connects to the node's socket; throws `node_unreachable` with the system's reason in `data.cause`. What is sent follows
 * the handshake at once, though §4.1 would have a client wait for its answer, as there might be proxies: here that
 * would only cost a round trip.
 */
export function webSocket(path: string, resource = '/', open: OpenStream = openStream): Connect {
  return (events) =>
    new Promise((resolve, reject) => {
      let opened = false;
      let incoming: Incoming | undefined;
      const stream = open(path, {
        opened: () => {
          opened = true;
          incoming = new Incoming(stream, events);
          stream.write(Buffer.from(handshake(resource)));
          resolve(transportOf(stream));
        },
        data: (bytes) => {
          try {
            incoming?.push(bytes);
          } catch (error) {
            stream.destroy(error as Error);
          }
        },
        closed: (error) => {
          if (opened) return events.closed(error);
          const { code = 'closed', message = 'it hung up' } = error ?? {};
          reject(
            new SkeinError('node_unreachable', `No node answers at ${path}: ${message}.`, { cause: code }),
          );
        },
      });
    });
}

/** What arrives: the answer to the handshake, then frames. */
class Incoming {
  readonly #frames: WsReader;
  #answer: Uint8Array | undefined = new Uint8Array(0);

  constructor(stream: ByteStream, events: TransportEvents) {
    this.#frames = new WsReader({
      message: (bytes) => events.message(bytes),
      ping: (payload) => stream.write(clientFrame(Opcode.PONG, payload)),
      close: () => farewell(stream),
    });
  }

  push(chunk: Uint8Array): void {
    if (this.#answer === undefined) return this.#frames.push(chunk);
    const answer = this.#answer.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#answer, chunk]);
    const end = answer.indexOf('\r\n\r\n');
    if (end < 0 && answer.length < ANSWER_MAX) {
      this.#answer = answer;
      return;
    }
    if (end < 0 || answer.toString('latin1', 0, 13) !== 'HTTP/1.1 101 ')
      throw new SkeinError('bad_frame', 'It does not speak WebSocket.');
    this.#answer = undefined;
    if (answer.length > end + 4) this.#frames.push(answer.subarray(end + 4));
  }
}

function transportOf(stream: ByteStream): Transport {
  return {
    send: (message) => stream.write(clientFrame(Opcode.BINARY, message)),
    get buffered() {
      return stream.pending;
    },
    close: () => farewell(stream),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
  };
}

function farewell(stream: ByteStream): void {
  stream.write(clientFrame(Opcode.CLOSE, new Uint8Array(0)));
  stream.end();
  // An end that reads nothing any more would hold it open for ever.
  (setTimeout(() => stream.destroy(), LINGER_MS) as { unref?: () => void }).unref?.();
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
