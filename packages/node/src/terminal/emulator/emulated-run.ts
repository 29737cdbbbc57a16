/** One run in the emulator worker: its screen, how far its output is consumed, and what waits for that (H5, H6). */

import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import type { Screen } from '../screen/screen.ts';
import { take } from '../screen/snapshot.ts';
import type { Answer, FromWorker, ToWorker } from './emulator-messages.ts';
import { JournalReader, READ_MAX } from './journal-reader.ts';
import { Viewers } from './viewers.ts';

/** Bytes consumed, or milliseconds gone, before other runs and messages have their turn; and bytes between looks at the clock. */
const SLICE = 64 * 1024;
const TURN_MS = 10;
const PIECE = 8 * 1024;

/** Bytes after which what cannot be skimmed is looked through again: it may be one line without end, or full of sequences. */
const SKIM_AGAIN = READ_MAX / 4;

/** Characters of answers told in one turn. A program that asks for more reads none of them. */
const ANSWERS_MAX = 64 * 1024;

/** Bytes of output held that are not on disk. Past that the oldest are lost, as they are in the host's own ring. */
const MEMORY = 4 * 1024 * 1024;

/**
 * Bytes of a string without an end (a picture, a file) past which it counts as consumed while it goes on: the program would
 * wait for it to be, and never come to print its end. Nothing so long is shown: xterm.js takes no more than 10 MB.
 */
const STRING_MAX = 16 * 1024 * 1024;

/** Milliseconds between two reports of progress. */
const PROGRESS_MS = 100;

type Message<T extends ToWorker['type']> = Extract<ToWorker, { type: T }>;
type Request = Message<'snapshot'> | Message<'idle'>;

export class EmulatedRun {
  readonly #name: string;
  readonly #screen: Screen;
  readonly #send: (message: FromWorker) => void;
  readonly #reader: JournalReader;
  readonly #viewers: Viewers;
  #to: number;
  #resizes: Message<'resize'>[] = [];
  #memory: { offset: number; data: Uint8Array }[] = [];
  #remembered = 0;
  /** Before this, what there is need not be looked through: it was, in vain. */
  #skimsFrom = 0;
  #requests: { target: number; request: Request }[] = [];
  #reported = 0;
  #answers: Answer[] = [];
  #answered = 0;
  readonly #stepped: () => void;
  /** Set once it was stored and is to be forgotten. */
  ended = false;

  /** `stepped` is called after each piece of output. */
  constructor(
    name: string,
    dir: string,
    screen: Screen,
    send: (message: FromWorker) => void,
    stepped: () => void,
  ) {
    this.#name = name;
    this.#screen = screen;
    this.#send = send;
    this.#reader = new JournalReader(dir);
    this.#to = screen.offset;
    this.#stepped = stepped;
    screen.onAnswer((text, offset) => {
      this.#answered += text.length;
      if (this.#answered <= ANSWERS_MAX) this.#answers.push({ offset, text });
    });
    this.#viewers = new Viewers(
      () => screen,
      (viewer, data) => send({ type: 'frame', run: name, viewer, offset: screen.offset, data }),
    );
  }

  /** The next byte to take in. */
  get #position(): number {
    return this.#screen.offset + this.#screen.pending;
  }

  get busy(): boolean {
    return !this.ended && (this.#position < this.#to || this.#requests.length > 0);
  }

  take(message: Exclude<ToWorker, { type: 'open' | 'close' }>): void {
    switch (message.type) {
      case 'advance':
        this.#to = Math.max(this.#to, message.to);
        break;
      case 'bytes':
        this.#remember(message.offset, message.data);
        break;
      case 'resize':
        this.#resizes.push(message);
        this.#resizes.sort((a, b) => a.at - b.at);
        this.#applyResizes();
        break;
      case 'snapshot':
      case 'idle':
        this.#requests.push({ target: this.#to, request: message });
        break;
      case 'viewer':
        this.#viewers.set(message.viewer, message);
        break;
      case 'viewerGone':
        this.#viewers.remove(message.viewer);
        break;
      case 'frameConsumed':
        this.#viewers.consumed(message.viewer);
        break;
    }
  }

  /** Consumes one slice, then does what waited for it. */
  step(): void {
    if (this.#position < this.#to) this.#consume();
    this.#tellAnswers();
    this.#applyResizes();
    this.#viewers.changed();
    this.#reportProgress();
    while (!this.ended) {
      const first = this.#requests[0];
      if (first === undefined || first.target > this.#position) break;
      this.#requests.shift();
      this.#fulfil(first.request);
    }
  }

  close(): void {
    this.#viewers.clear();
    this.#reader.close();
    this.#screen.dispose();
  }

  #consume(): void {
    const position = this.#position;
    const limit = Math.min(this.#to, this.#resizes[0]?.at ?? Infinity);
    const held = this.#fromMemory(position);
    if (held !== undefined) {
      this.#write(held.subarray(0, limit - position));
      return;
    }
    // What is in memory is not on disk, and the other way round.
    const until = Math.min(limit, this.#memory[0]?.offset ?? Infinity);
    const most = position < this.#skimsFrom ? SLICE : READ_MAX;
    const found = this.#reader.read(position, Math.min(most, until - position));
    if (found !== undefined && 'data' in found) this.#show(found.data);
    else this.#skip(position, Math.min(found?.gapTo ?? Infinity, until));
  }

  /** Of a flood, no more than what can be seen after it. */
  #show(bytes: Uint8Array): void {
    const past = bytes.length > SLICE ? this.#screen.skim(bytes) : 0;
    if (past > 0) return this.#write(bytes.subarray(past));
    if (bytes.length > SLICE) this.#skimsFrom = this.#position + SKIM_AGAIN;
    this.#write(bytes.subarray(0, SLICE));
  }

  /** As much as there is time for: what is left is read again. */
  #write(bytes: Uint8Array): void {
    const until = performance.now() + TURN_MS;
    for (let at = 0; at < bytes.length; at += PIECE) {
      this.#screen.write(bytes.subarray(at, at + PIECE));
      this.#stepped();
      if (performance.now() > until) return;
    }
  }

  #tellAnswers(): void {
    if (this.#answers.length === 0) return;
    this.#send({ type: 'answers', run: this.#name, answers: this.#answers });
    this.#answers = [];
    this.#answered = 0;
  }

  #skip(from: number, to: number): void {
    this.#screen.skipTo(to);
    this.#send({ type: 'gap', run: this.#name, from, to });
  }

  #fromMemory(position: number): Uint8Array | undefined {
    for (;;) {
      const first = this.#memory[0];
      if (first === undefined || first.offset > position) return undefined;
      if (first.offset + first.data.length > position) {
        return first.data.subarray(position - first.offset, position - first.offset + SLICE);
      }
      this.#dropOldest();
    }
  }

  #remember(offset: number, data: Uint8Array): void {
    this.#memory.push({ offset, data });
    this.#to = Math.max(this.#to, offset + data.length);
    this.#remembered += data.length;
    while (this.#remembered > MEMORY) this.#dropOldest();
  }

  #dropOldest(): void {
    this.#remembered -= this.#memory.shift()?.data.length ?? this.#remembered;
  }

  #applyResizes(): void {
    for (;;) {
      const next = this.#resizes[0];
      if (next === undefined || next.at > this.#position) return;
      this.#resizes.shift();
      const text = this.#screen.resize(next.cols, next.rows, next.veiled);
      if (text !== undefined) this.#answers.push({ offset: next.at, text, unasked: true });
      this.#tellAnswers();
      this.#viewers.changed();
    }
  }

  #reportProgress(): void {
    const now = performance.now();
    const caughtUp = this.#position >= this.#to;
    if (now - this.#reported < PROGRESS_MS && !caughtUp) return;
    this.#reported = now;
    const { offset, pending } = this.#screen;
    const consumed = pending > STRING_MAX ? offset + pending : offset;
    this.#send({ type: 'progress', run: this.#name, offset: consumed });
  }

  #fulfil(request: Request): void {
    try {
      if (request.type === 'snapshot') {
        const snapshot = take(this.#screen, request.kind, request.history);
        this.#send({ type: 'snapshot', id: request.id, ...snapshot });
        return;
      }
      // What was before it is not known to be in the journal any more, and without its beginning it would be text.
      if (this.#screen.pending > STRING_MAX)
        throw new SkeinError('too_large', 'This screen is in the middle of a string too long to be kept.');
      store(request.statePath, take(this.#screen, 'state').data);
      this.ended = true;
      this.#send({ type: 'idle', id: request.id, offset: this.#screen.offset });
    } catch (error) {
      const { message } = error as Error;
      const told = error instanceof SkeinError ? { message, code: error.code } : { message };
      this.#send({ type: 'failed', run: this.#name, id: request.id, ...told });
    }
  }
}

/** Whole or not at all. Not synced: a state that a power cut tore fails its checksum, and the journal is read instead. */
function store(file: string, data: Uint8Array): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const half = `${file}.new`;
  writeFileSync(half, data, { mode: 0o600 });
  renameSync(half, file);
}
