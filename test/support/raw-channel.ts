/** A channel without the client's manners: frames as a test wants them, ids and all. */

import { nodeSocket } from '@skein/node/home';
import type { ClientFrame, NodeFrame } from '@skein/protocol/channel/frames';
import { pack, unpack } from '@skein/protocol/codec';
import { WebSocket } from 'ws';
import { within } from './processes.ts';

export class RawChannel {
  readonly socket: WebSocket;
  readonly closed: Promise<void>;
  readonly frames: NodeFrame[] = [];
  #wake = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = 'nodebuffer';
    socket.on('message', (data) => {
      this.frames.push(unpack(data as Buffer) as NodeFrame);
      this.#look();
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        resolve();
        this.#look();
      });
    });
  }

  /** Opens a connection; `hello` false leaves out the greeting. */
  static async open(home: string, hello = true): Promise<RawChannel> {
    const socket = new WebSocket(`ws+unix:${nodeSocket(home)}:/`, { perMessageDeflate: false });
    const channel = new RawChannel(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('error', reject);
    });
    if (hello) {
      channel.send({ t: 'hello', versions: [1], client: { name: 'raw', version: '0' } });
      await channel.wait('welcome', (frame) => frame.t === 'welcome');
    }
    return channel;
  }

  send(frame: ClientFrame): void {
    this.socket.send(pack(frame));
  }

  /** The first frame that fits; rejects when the connection closes before. */
  async wait(what: string, fits: (frame: NodeFrame) => boolean, patience = 10_000): Promise<NodeFrame> {
    const found = new Promise<NodeFrame>((resolve, reject) => {
      const look = () => {
        const frame = this.frames.find(fits);
        if (frame === undefined && this.socket.readyState < WebSocket.CLOSING) return;
        this.#wake.delete(look);
        if (frame !== undefined) resolve(frame);
        else reject(new Error(`the channel closed before: ${what}`));
      };
      this.#wake.add(look);
      look();
    });
    return within(patience, what, found);
  }

  close(): void {
    this.socket.terminate();
  }

  #look(): void {
    for (const look of [...this.#wake]) look();
  }
}
