/** A viewer's connection to the host of a program: the frames of packages/protocol/src/host/frames.ts, both ways. */

import type { ByteStream } from '@skein/client/transport/byte-stream';
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';
import {
  type ExitFrame,
  FrameReader,
  frame,
  HostFrame,
  type HostHello,
  offsetFrame,
  readOffset,
  type ScreenFrame,
  type ViewerState,
  type ViewerWelcome,
} from '@skein/protocol/host/frames';
import { pack, unpack } from '@skein/protocol/light-codec';
import type { OpenViewer } from './viewer-stream.ts';

const NOTHING = new Uint8Array(0);

/** What a viewer is told. Bytes are views that last until the call returns. */
export interface ViewerEvents {
  welcome?(welcome: ViewerWelcome): void;
  screen?(screen: ScreenFrame): void;
  data?(offset: number, bytes: Uint8Array): void;
  frame?(offset: number, bytes: Uint8Array): void;
  accepted?(offset: number): void;
  state?(state: ViewerState): void;
  gap?(gap: { from: number; to: number }): void;
  exit?(exit: ExitFrame): void;
  /** The keys that leave were typed at a terminal that the host reads. */
  leave?(): void;
  /** The last to be told, once: refused, broken off, or over after `exit`. */
  closed(error?: SkeinError): void;
}

/** Tells a viewer what a payload means; throws when it means nothing. */
export function deliver(type: number, payload: Uint8Array, events: ViewerEvents): void {
  if (type === HostFrame.DATA) return withOffset(payload, events.data);
  if (type === HostFrame.ACCEPTED) return withOffset(payload, events.accepted);
  if (type === HostFrame.FRAME) return withOffset(payload, events.frame);
  if (type === HostFrame.LEAVE) return events.leave?.();
  if (type === HostFrame.STATE && events.state === undefined) return;
  const value = unpack(payload);
  if (type === HostFrame.WELCOME) events.welcome?.(value as ViewerWelcome);
  else if (type === HostFrame.SCREEN) events.screen?.(value as ScreenFrame);
  else if (type === HostFrame.STATE) events.state?.(value as ViewerState);
  else if (type === HostFrame.GAP) events.gap?.(value as { from: number; to: number });
  else if (type === HostFrame.EXIT) events.exit?.(value as ExitFrame);
  else if (type === HostFrame.ERROR) throw SkeinError.fromBody(value as ErrorBody);
  // A later host may say more than this build knows.
}

function withOffset(
  payload: Uint8Array,
  tell: ((offset: number, bytes: Uint8Array) => void) | undefined,
): void {
  const read = readOffset(payload);
  if (read === undefined) throw new SkeinError('bad_frame', 'The host sent a frame without an offset.');
  tell?.(read.offset, read.bytes);
}

export class HostViewer {
  readonly #stream: ByteStream;
  #error: SkeinError | undefined;

  constructor(open: OpenViewer, hello: Omit<HostHello, 'versions' | 'token'>, events: ViewerEvents) {
    const reader = new FrameReader();
    const each = (type: number, payload: Uint8Array) => {
      if (this.#error === undefined) deliver(type, payload, events);
    };
    this.#stream = open(hello, {
      data: (bytes) => {
        try {
          reader.push(bytes, each);
        } catch (error) {
          this.#error = SkeinError.from(error);
          this.#stream.destroy();
        }
      },
      closed: (error) => {
        this.#error ??= error;
        events.closed(this.#error);
      },
    });
  }

  /** With `consumed`, tells that too in the same breath. */
  input(offset: number, bytes: Uint8Array, consumed?: number): void {
    const typed = offsetFrame(HostFrame.INPUT, offset, bytes);
    if (consumed === undefined) this.#stream.write(typed);
    else this.#stream.write(Buffer.concat([typed, offsetFrame(HostFrame.CONSUMED, consumed)]));
  }

  resize(cols: number, rows: number): void {
    this.#stream.write(frame(HostFrame.RESIZE, pack({ cols, rows })));
  }

  /** Everything before this offset has reached its reader. */
  consumed(offset: number): void {
    this.#stream.write(offsetFrame(HostFrame.CONSUMED, offset));
  }

  /** The terminal is the host's to read from here on: what was typed before has been sent. */
  take(): void {
    this.#stream.write(frame(HostFrame.TAKE, NOTHING));
  }

  /** The terminal is not the host's any more once the connection has closed. */
  release(): void {
    this.#stream.write(frame(HostFrame.RELEASE, NOTHING));
  }

  close(): void {
    this.#stream.end();
  }
}
