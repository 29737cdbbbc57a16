/** A viewer on a host's own socket: reads a program's bytes, keeps to its window, can be frozen. */
import { connect, type Socket } from 'node:net';
import type { Client } from '@skein/protocol/client/client';
import { pack, unpack } from '@skein/protocol/codec';
import {
  FrameReader,
  frame,
  HOST_VERSIONS,
  HostFrame,
  offsetFrame,
  readOffset,
} from '@skein/protocol/host/frames';

export interface ViewerOptions {
  view?: 'screen' | 'bytes';
  role?: 'read' | 'write';
  from?: number;
  follow?: boolean;
  /** Told each piece of output, with the offset of its first byte. */
  bytes?: (offset: number, bytes: Uint8Array) => void;
  gap?: (from: number, to: number) => void;
}

export class HostViewer {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  /** The program's end, or that of the bytes asked for. */
  exit: { code: number | null; signal: number | null; offset: number } | undefined;
  error: { code: string; message: string } | undefined;
  /** The offset after the last byte that came. */
  offset: number;
  /** What broke the order of the bytes; empty when all came once and in order. */
  readonly broken: string[] = [];
  readonly #options: ViewerOptions;

  private constructor(socket: Socket, options: ViewerOptions) {
    this.socket = socket;
    this.#options = options;
    this.offset = options.from ?? 0;
    const reader = new FrameReader();
    socket.on('data', (chunk: Uint8Array) =>
      reader.push(chunk, (type, payload) => this.#frame(type, payload)),
    );
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => socket.on('close', () => resolve()));
  }

  /** Asks the node for a right and takes it to the host. */
  static async attach(client: Client, ref: string, options: ViewerOptions = {}): Promise<HostViewer> {
    const right = await client.ask('right', { ref, role: options.role ?? 'read' });
    if (!('token' in right)) throw new Error('the session has ended');
    const viewer = new HostViewer(connect(right.socket), options);
    const { view = 'bytes', from = 0, follow = true } = options;
    viewer.socket.write(
      frame(
        HostFrame.HELLO,
        pack({ versions: HOST_VERSIONS, token: right.token, view, from, follow, cols: 80, rows: 24 }),
      ),
    );
    return viewer;
  }

  /** Stops reading, as a terminal does that its user has stopped. */
  freeze(): void {
    this.socket.pause();
  }

  thaw(): void {
    this.socket.resume();
  }

  /** Types, from the given offset of its own input; returns the offset that comes next. */
  type(offset: number, text: string): number {
    const bytes = Buffer.from(text);
    this.socket.write(offsetFrame(HostFrame.INPUT, offset, bytes));
    return offset + bytes.length;
  }

  close(): void {
    this.socket.destroy();
  }

  #frame(type: number, payload: Uint8Array): void {
    if (type === HostFrame.DATA) {
      const data = readOffset(payload);
      if (data === undefined) return void this.broken.push('a DATA frame without an offset');
      if (data.offset !== this.offset)
        this.broken.push(`bytes from ${data.offset} came where ${this.offset} was due`);
      this.offset = data.offset + data.bytes.length;
      this.#options.bytes?.(data.offset, data.bytes);
      this.socket.write(offsetFrame(HostFrame.CONSUMED, this.offset));
    } else if (type === HostFrame.SCREEN) {
      this.offset = (unpack(payload) as { offset: number }).offset;
    } else if (type === HostFrame.GAP) {
      const { from, to } = unpack(payload) as { from: number; to: number };
      if (from !== this.offset || to <= from)
        this.broken.push(`a gap from ${from} to ${to} came where ${this.offset} was due`);
      this.offset = to;
      this.#options.gap?.(from, to);
    } else if (type === HostFrame.EXIT) this.exit = unpack(payload) as never;
    else if (type === HostFrame.ERROR) this.error = unpack(payload) as never;
  }
}
