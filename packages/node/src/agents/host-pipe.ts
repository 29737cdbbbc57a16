/**
 * A connection to one run in its host, as the one that reads all it prints and writes its input (rules H2, H3): output by
 * offset, input once whatever is repeated, and word of how far all is durable.
 */
import net from 'node:net';
import { pack, unpack } from '@skein/protocol/codec';
import {
  FrameReader,
  frame,
  HOST_VERSIONS,
  HostFrame,
  offsetFrame,
  readOffset,
} from '@skein/protocol/host/frames';
import { LANE_WINDOW } from '@skein/protocol/limits';
import type { HostPool } from '../hosts/pool.ts';
import { DRIVER } from '../members/typists.ts';
import { offHeap } from '../off-heap.ts';
import { grantRight } from '../sessions/rights.ts';
import type { Outbox } from './outbox.ts';

/** Under this name the driver's input is counted: there is one driver a run. */
const ATTACHMENT = 'driver';
/** Bytes of input in one frame. */
const PIECE = 64 * 1024;

export interface HostPipeEvents {
  output(offset: number, bytes: Uint8Array): void;
  /** The program has ended, and `offset` is the end of its output. */
  exit(code: number | null, signal: number | null, offset: number): void;
  /** The connection is gone. */
  closed(): void;
}

export class HostPipe {
  readonly #socket: net.Socket;
  readonly #events: HostPipeEvents;
  readonly #outbox: Outbox;
  #closed = false;

  /** Reads from the byte `from` on, and writes what `outbox` holds. Rejects when the host cannot be asked. */
  static async open(
    hosts: HostPool,
    run: { run: string; host: string },
    from: number,
    outbox: Outbox,
    events: HostPipeEvents,
  ): Promise<HostPipe> {
    const right = { ...run, role: 'write' as const, who: DRIVER, floor: 0 };
    const { socket, token } = await grantRight(hosts, right);
    return new HostPipe(socket, token, from, outbox, events);
  }

  private constructor(path: string, token: string, from: number, outbox: Outbox, events: HostPipeEvents) {
    this.#events = events;
    this.#outbox = outbox;
    const socket = net.connect(path);
    this.#socket = socket;
    const hello = {
      ...{ versions: HOST_VERSIONS, token, view: 'bytes', from, follow: true },
      ...{ attachment: ATTACHMENT, window: LANE_WINDOW },
    };
    socket.write(frame(HostFrame.HELLO, pack(hello)));
    const reader = new FrameReader();
    socket.on('data', (chunk: Uint8Array) => {
      offHeap.look();
      try {
        reader.push(chunk, (type, payload) => this.#frame(type, payload));
      } catch {
        socket.destroy();
      }
    });
    // A close follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#closed) return;
      this.#outbox.closed();
      this.#events.closed();
    });
  }

  #input(offset: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += PIECE)
      this.#socket.write(offsetFrame(HostFrame.INPUT, offset + at, bytes.subarray(at, at + PIECE)));
  }

  /** So much of the output has been taken, and more may come. */
  consumed(offset: number): void {
    if (!this.#closed) this.#socket.write(offsetFrame(HostFrame.CONSUMED, offset));
  }

  /** So much of the output is durable elsewhere, and need not be kept. */
  kept(offset: number): void {
    if (!this.#closed) this.#socket.write(offsetFrame(HostFrame.KEPT, offset));
  }

  /** Nothing more is heard of it. */
  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #frame(type: number, payload: Uint8Array): void {
    if (this.#closed) return;
    if (type === HostFrame.DATA) {
      const read = readOffset(payload);
      // A view of the socket's buffer, which is used again.
      if (read !== undefined) this.#events.output(read.offset, read.bytes.slice());
    } else if (type === HostFrame.ACCEPTED) {
      const read = readOffset(payload);
      if (read !== undefined) this.#outbox.accepted(read.offset);
    } else if (type === HostFrame.WELCOME) {
      const { accepted } = unpack(payload) as { accepted: number };
      this.#outbox.opened(accepted, (offset, bytes) => this.#input(offset, bytes));
    } else if (type === HostFrame.EXIT) {
      const { code, signal, offset } = unpack(payload) as {
        code: number | null;
        signal: number | null;
        offset: number;
      };
      this.#events.exit(code, signal, offset);
    }
  }
}
