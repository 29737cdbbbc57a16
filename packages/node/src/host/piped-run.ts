/**
 * One run on pipes in its host: an agent's program, its journal, and who reads and writes it (rules H2, H3). Nothing that it
 * prints is lost: what cannot be kept is not read, so that the program waits.
 */
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { offHeap } from '../off-heap.ts';
import { Attachments } from './attachments.ts';
import type { Exit, Hosted } from './hosted.ts';
import { Journal } from './journal.ts';
import type { Found } from './journal-files.ts';
import { Piped, type PipedSpec } from './piped.ts';
import type { Viewer } from './viewer.ts';

/** Bytes that may wait for a slow disk before the program is held back. */
const PENDING_MAX = 1024 * 1024;

/**
 * Bytes that a program may be ahead of the one who reads and writes it, while there is one. Whoever asks it to stop must be
 * heard: what was printed before is read first.
 */
const AHEAD = 1024 * 1024;

interface PipedRunSpec extends PipedSpec {
  run: string;
  dir: string;
  /** Bytes that may be kept and not known to be durable elsewhere. */
  journalBytes: number;
}

export class PipedRun implements Hosted {
  readonly kind = 'pipe';
  readonly run: string;
  readonly dir: string;
  readonly size = { cols: 0, rows: 0 };
  readonly attached = 0;
  readonly who: string[] = [];
  readonly typing = undefined;
  readonly viewers = new Set<Viewer>();
  readonly #journal: Journal;
  readonly #piped: Piped;
  readonly #limit: number;
  readonly #exitedEvent: (run: PipedRun) => void;
  readonly #attachments = new Attachments(this.viewers);
  /** Output before this is durable elsewhere. */
  #kept = 0;
  #paused = false;
  #exit: Exit | undefined;

  constructor(spec: PipedRunSpec, exited: (run: PipedRun) => void) {
    this.run = spec.run;
    this.dir = spec.dir;
    this.#limit = spec.journalBytes;
    this.#exitedEvent = exited;
    this.#journal = new Journal(
      path.join(spec.dir, 'journal'),
      { limit: 0, lossless: true },
      {
        written: () => {
          this.#journal.relax(this.#kept);
          this.#flow();
        },
        refusing: () => this.#flow(),
        gap: () => {},
        consumed: () => this.#kept,
      },
    );
    this.#piped = new Piped(spec, {
      data: (bytes) => this.#data(bytes),
      exit: (code, signal) => void this.#exited(code, signal),
    });
  }

  get pid(): number {
    return this.#piped.pid;
  }

  get head(): number {
    return this.#journal.head;
  }

  get ended(): boolean {
    return this.#exit !== undefined;
  }

  get exit(): Exit | undefined {
    return this.#exit;
  }

  get stderr(): string {
    return this.#piped.stderr;
  }

  acceptedOf(attachment: string): number {
    return this.#attachments.acceptedOf(attachment);
  }

  add(viewer: Viewer): void {
    if (viewer.view !== 'bytes') throw notATerminal();
    this.viewers.add(viewer);
    viewer.start();
    if (this.#exit !== undefined) this.#tellEnd(viewer, this.#exit);
  }

  left(viewer: Viewer): void {
    this.viewers.delete(viewer);
    this.#flow();
  }

  /** Takes input once, whatever is repeated (H3). */
  input(viewer: Viewer, offset: number, bytes: Uint8Array): void {
    offHeap.look();
    if (this.#exit !== undefined) return;
    const { attachment } = viewer;
    const fresh = this.#attachments.fresh(attachment, offset, bytes, this.#piped.queued);
    const now = this.acceptedOf(attachment);
    if (fresh.length === 0) viewer.accepted(now);
    else this.#piped.write(fresh, () => viewer.accepted(now));
  }

  pressed(): never {
    throw new SkeinError('bad_request', 'A program on pipes has no terminal.');
  }

  endInput(viewer: Viewer, offset: number): void {
    this.#attachments.follows(viewer.attachment, offset);
    this.#piped.endInput();
  }

  kept(offset: number): void {
    this.#kept = Math.max(this.#kept, Math.min(offset, this.head));
    this.#journal.relax(this.#kept);
    this.#journal.dropOldest();
    this.#flow();
  }

  read(offset: number, max: number): Found {
    return this.#journal.read(offset, max);
  }

  paint(): Promise<never> {
    return Promise.reject(notATerminal());
  }

  snapshot(): never {
    throw notATerminal();
  }

  resize(): never {
    throw notATerminal();
  }

  // What only a screen has.
  renderFor(): void {}
  frameConsumed(): void {}
  resized(): void {}
  shown(): void {}

  consumed(): void {
    this.#flow();
  }

  /** Forwarded first, then journalled (H2); whoever is not up to date reads it from the journal. */
  #data(bytes: Uint8Array): void {
    offHeap.look();
    const offset = this.head;
    let behind = false;
    for (const viewer of this.viewers) if (!viewer.live(offset, bytes)) behind = true;
    this.#journal.append(bytes);
    if (behind) for (const viewer of this.viewers) viewer.pump();
    this.#flow();
  }

  /** Whether the program must wait: for a disk that is slow or refuses, for its reader, or for its output to become durable. */
  #flow(): void {
    const { refusing, pending } = this.#journal;
    const ahead = [...this.viewers].some(({ role, lag }) => role === 'write' && lag > AHEAD);
    const wait = refusing || pending > PENDING_MAX || ahead || this.head - this.#kept >= this.#limit;
    if (wait === this.#paused) return;
    this.#paused = wait;
    if (wait) this.#piped.pause();
    else this.#piped.resume();
  }

  async #exited(code: number | null, signal: number | null): Promise<void> {
    const bytes = this.head;
    await this.#journal.flushed();
    const exit = { code, signal, bytes, stderr: this.stderr };
    this.#exit = exit;
    await this.#journal.close();
    this.#exitedEvent(this);
    for (const viewer of this.viewers) this.#tellEnd(viewer, exit);
  }

  /** Its end is not told before all is on disk. */
  keep(): boolean {
    return true;
  }

  /** Nothing is left. */
  async settled(): Promise<void> {}

  #tellEnd(viewer: Viewer, { code, signal, bytes }: Exit): void {
    viewer.ended({ code, signal, offset: bytes });
  }
}

function notATerminal(): SkeinError {
  return new SkeinError('not_a_terminal', 'This program runs on pipes: it has no screen and no size.');
}
