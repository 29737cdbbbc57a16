/**
 * The frames of a far end, so many a turn of the loop: whoever sends a great many small ones keeps nobody else of this node
 * waiting (rule C2).
 */
import { FrameRoom } from '@skein/protocol/host/frame-room';
import { FrameReader } from '@skein/protocol/host/frames';
import { FRAME_MAX, FRAMES_A_TURN } from './limits.ts';

const NOTHING = new Uint8Array(0);
/** A frame that is not whole yet, and the piece that ends it. */
const ROOM = new FrameRoom(2 * FRAME_MAX);

interface TurnsEvents {
  /** One frame; the payload is lent, and another's afterwards. What it throws ends the reading. */
  frame(type: number, payload: Uint8Array): void;
  /** What came cannot be read, or was refused. */
  failed(error: unknown): void;
}

export class Turns {
  readonly #source: { pause(): void; resume(): void };
  readonly #events: TurnsEvents;
  readonly #reader = new FrameReader(ROOM);
  /** Frames since the last rest. */
  #count = 0;
  #resting: NodeJS.Immediate | undefined;
  #paused = false;
  #stopped = false;
  #ended: (() => void) | undefined;

  /** The source is paused while more has come than it is the turn of. */
  constructor(source: { pause(): void; resume(): void }, events: TurnsEvents) {
    this.#source = source;
    this.#events = events;
    this.#reader.limit = FRAME_MAX;
  }

  push(chunk: Uint8Array): void {
    if (this.#stopped) return;
    if (this.#resting === undefined) return this.#read(chunk);
    this.#reader.keep(chunk);
    this.#pause();
  }

  /** Nothing more comes: `then` is called once all that came has been read. */
  end(then: () => void): void {
    if (this.#resting === undefined) then();
    else this.#ended = then;
  }

  /** Reads no more, not even what came with the frame that it is called from. */
  stop(): void {
    this.#stopped = true;
    this.#reader.stop();
    clearImmediate(this.#resting);
    this.#resting = undefined;
  }

  #read(chunk: Uint8Array): void {
    try {
      this.#reader.push(chunk, (type, payload) => {
        this.#events.frame(type, payload);
        if (++this.#count >= FRAMES_A_TURN) this.#reader.stop();
      });
    } catch (error) {
      return this.#events.failed(error);
    }
    if (this.#count >= FRAMES_A_TURN) this.#rest();
  }

  #rest(): void {
    this.#count = 0;
    if (this.#stopped) return;
    if (this.#reader.waiting) this.#pause();
    this.#resting = setImmediate(() => {
      this.#resting = undefined;
      this.#read(NOTHING);
      if (this.#quiet && this.#paused) {
        this.#paused = false;
        this.#source.resume();
      }
      if (this.#quiet) this.#ended?.();
    });
  }

  /** Whether all that came is read. */
  get #quiet(): boolean {
    return this.#resting === undefined && !this.#stopped;
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#source.pause();
  }
}
