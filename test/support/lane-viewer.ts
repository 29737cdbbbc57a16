/** A viewer of a program through the channel, as a device on another machine is one: waits for what it sees. */
import type { Client } from '@skein/protocol/client/client';
import { wireError } from '@skein/protocol/client/lane';
import { pack, unpack } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import {
  FrameReader,
  HOST_VERSIONS,
  HostFrame,
  frame as hostFrame,
  offsetFrame,
  readOffset,
  type ViewerWelcome,
} from '@skein/protocol/host/frames';

interface LaneViewerOptions {
  role?: 'read' | 'write';
  hello?: Record<string, unknown>;
}

export class LaneViewer {
  readonly #client: Client;
  readonly #lane: number;
  readonly #wake = new Set<() => void>();
  readonly gaps: { from: number; to: number }[] = [];
  welcome: ViewerWelcome | undefined;
  /** What it was shown: the screen, and the output after it. */
  text = '';
  /** The offset of the first byte of output that came, and after the last. */
  first: number | undefined;
  end = 0;
  accepted = 0;
  error: SkeinError | undefined;
  over = false;
  #typed = 0;

  constructor(client: Client, session: string, { role = 'read', hello = {} }: LaneViewerOptions = {}) {
    this.#client = client;
    const lane = client.newLane();
    this.#lane = lane;
    const reader = new FrameReader();
    client.addLane(lane, {
      open: () => ({
        t: 'open',
        lane,
        session,
        role,
        hello: { versions: HOST_VERSIONS, view: 'screen', cols: 80, rows: 24, ...hello },
        credit: 1_000_000,
      }),
      frame: (answer) => {
        if (answer.t === 'data') reader.push(answer.bytes, (type, payload) => this.#frame(type, payload));
        else if (answer.t === 'end') {
          this.over = true;
          if (answer.error !== undefined) this.error ??= wireError(answer.error);
        }
        this.#tell();
      },
      failed: (error) => {
        this.over = true;
        this.error ??= error;
        this.#tell();
      },
    });
  }

  async until(wanted: () => boolean): Promise<void> {
    while (!wanted()) await new Promise<void>((resolve) => this.#wake.add(resolve));
  }

  type(text: string): void {
    const bytes = Buffer.from(text);
    this.send(offsetFrame(HostFrame.INPUT, this.#typed, bytes));
    this.#typed += bytes.length;
  }

  resize(cols: number, rows: number): void {
    this.send(hostFrame(HostFrame.RESIZE, pack({ cols, rows })));
  }

  /** Any bytes on the lane. */
  send(bytes: Uint8Array): void {
    this.#client.laneData(this.#lane, bytes);
  }

  #frame(type: number, payload: Uint8Array): void {
    if (type === HostFrame.WELCOME) this.welcome = unpack(payload) as ViewerWelcome;
    else if (type === HostFrame.SCREEN) {
      const screen = unpack(payload) as { offset: number; data: Uint8Array };
      this.text += Buffer.from(screen.data).toString();
    } else if (type === HostFrame.DATA) {
      const read = readOffset(payload);
      if (read === undefined) return;
      this.first ??= read.offset;
      this.end = read.offset + read.bytes.length;
      this.text += Buffer.from(read.bytes).toString();
    } else if (type === HostFrame.GAP) this.gaps.push(unpack(payload) as { from: number; to: number });
    else if (type === HostFrame.ACCEPTED) this.accepted = readOffset(payload)?.offset ?? 0;
    else if (type === HostFrame.EXIT) this.over = true;
    else if (type === HostFrame.ERROR) this.error = SkeinError.fromBody(unpack(payload) as never);
  }

  #tell(): void {
    const waiting = [...this.#wake];
    this.#wake.clear();
    for (const wake of waiting) wake();
  }
}
