/**
 * A terminal lane: the host's protocol carried inside the channel, for viewers that cannot reach the host's socket and
 * for programs that have ended. Credit reaches through to the host's socket (rules C1, C2).
 */
import net from 'node:net';
import { pack } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import { frame, HostFrame } from '@skein/protocol/host/frames';
import { LANE_MAX } from '@skein/protocol/limits';
import type { Lane, LaneContext } from './lane.ts';

/** Bytes carried in one channel frame. */
const PIECE = 64 * 1024;

/** Where the host's protocol is spoken: a live host's socket with a right to it, or what is kept of an ended run. */
export type Source =
  | { kind: 'host'; socket: string; token: string; hello: object }
  | { kind: 'ended'; frames(): Generator<Uint8Array> };

export class TerminalLane implements Lane {
  readonly #source: Promise<Source>;
  readonly #context: LaneContext;
  #socket: net.Socket | undefined;
  #frames: Generator<Uint8Array> | undefined;
  #credit: number;
  #closed = false;
  /** Frames that wait to be sent. */
  #unsent = 0;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  constructor(source: Promise<Source>, credit: number, context: LaneContext) {
    this.#source = source;
    this.#credit = credit;
    this.#context = context;
  }

  start(): void {
    this.#source.then(
      (source) => {
        if (this.#closed) return;
        if (source.kind === 'host') this.#connect(source);
        else {
          this.#frames = source.frames();
          this.#replay();
        }
      },
      (error) => this.#context.end(SkeinError.from(error)),
    );
  }

  credit(bytes: number): void {
    this.#credit = Math.min(LANE_MAX, this.#credit + bytes);
    this.#flow();
  }

  readonly #gone = (): void => {
    this.#unsent--;
    this.#flow();
  };

  /** Whether more may be asked of the source: there is credit, and all that came of it before has gone. */
  get #mayMore(): boolean {
    return this.#credit > 0 && this.#unsent === 0;
  }

  #flow(): void {
    if (this.#frames !== undefined) this.#replay();
    else if (this.#mayMore) this.#socket?.resume();
  }

  data(bytes: Uint8Array): void {
    if (this.#socket !== undefined) {
      this.#socket.write(bytes);
      // A host takes what is typed at once; one that has been stopped does not, and nothing may pile up for it (C2).
      if (this.#socket.writableLength > LANE_MAX) this.#overflow();
    } else if (this.#frames === undefined && !this.#closed) this.#wait(bytes);
  }

  /** What is typed before the host is reached. It is little, unless somebody means harm. */
  #wait(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > LANE_MAX) this.#overflow();
  }

  #overflow(): void {
    this.close();
    this.#context.end(
      new SkeinError('mailbox_full', 'What is typed is not taken now, and no more of it can wait.'),
    );
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#socket?.destroy();
    this.#frames = undefined;
  }

  #connect({ socket: path, token, hello }: Extract<Source, { kind: 'host' }>): void {
    const socket = net.connect(path);
    this.#socket = socket;
    // A viewer's token is the node's to give, and no terminal of this machine is the other end's: whatever the client sent
    // in their place is dropped.
    socket.write(frame(HostFrame.HELLO, pack({ ...hello, key: undefined, terminal: undefined, token })));
    for (const bytes of this.#waiting.splice(0)) socket.write(bytes);
    socket.on('data', (chunk: Uint8Array) => {
      for (let at = 0; at < chunk.length; at += PIECE) this.#send(chunk.subarray(at, at + PIECE));
      if (!this.#mayMore) socket.pause();
    });
    // A close follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      if (!this.#closed) this.#context.end();
    });
  }

  #replay(): void {
    try {
      while (this.#mayMore && this.#frames !== undefined) {
        const next = this.#frames.next();
        if (next.done === true) {
          this.#frames = undefined;
          return this.#context.end();
        }
        this.#send(next.value);
      }
    } catch (error) {
      this.#frames = undefined;
      this.#context.end(SkeinError.from(error));
    }
  }

  #send(bytes: Uint8Array): void {
    this.#credit -= bytes.length;
    if (!this.#context.send({ t: 'data', lane: this.#context.lane, bytes }, this.#gone)) this.#unsent++;
  }
}
