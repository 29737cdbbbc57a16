/** One run in its host: the program on its PTY, its journal, its screen, its viewers, and who decides its size (rules H2, H3, H5–H7). */
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { LANE_WINDOW } from '@skein/protocol/limits';
import type { Answer } from '../terminal/emulator/emulator-messages.ts';
import { Answering } from './answering.ts';
import { Attachments } from './attachments.ts';
import type { Exit, Hosted } from './hosted.ts';
import { Journal } from './journal.ts';
import type { Found } from './journal-files.ts';
import { Pty, type PtySpec } from './pty.ts';
import type { RunScreen } from './run-screen.ts';
import type { Screens } from './screens.ts';
import { Typing } from './typing.ts';
import type { Viewed } from './viewed.ts';
import type { Viewer } from './viewer.ts';

/** Milliseconds for which one slow viewer may hold the program back, and the bytes that pass before it may again. */
const HOLD_MS = 100;
const HOLD_AGAIN = 2 * LANE_WINDOW;
/** Bytes that may wait for a slow disk, or for the emulator, before the program is held back. */
const PENDING_MAX = 1024 * 1024;
const EMULATOR_LAG_MAX = 48 * 1024 * 1024;

interface RunSpec extends PtySpec {
  run: string;
  dir: string;
  journalBytes: number;
}

interface RunEvents {
  exited(run: HostedRun): void;
  /** Viewers came or went, or the size changed. */
  changed(run: HostedRun): void;
  gap(run: HostedRun, from: number, to: number): void;
  /** It has no screen any more: the emulator made no end of its output. */
  unseen(run: HostedRun): void;
}

export class HostedRun implements Hosted {
  readonly kind = 'pty';
  /** All that a program prints on a terminal is one. */
  readonly stderr = undefined;
  readonly run: string;
  readonly dir: string;
  readonly journal: Journal;
  readonly viewers = new Set<Viewer>();
  readonly #pty: Pty;
  readonly #screen: RunScreen;
  readonly #events: RunEvents;
  #size: { cols: number; rows: number };
  /** The viewer that typed last: its size is the program's, its terminal answers the program's queries. */
  #holder: Viewer | undefined;
  readonly #answering = new Answering(() => this.#screen.consumed);
  readonly #attachments = new Attachments(this.viewers);
  readonly typing = new Typing(() => this.#events.changed(this));
  #exit: Exit | undefined;
  #keepLast = () => true;
  #paused = false;
  #holdTimer: NodeJS.Timeout | undefined;
  #mayHoldFrom = 0;

  constructor(spec: RunSpec, screens: Screens, events: RunEvents) {
    this.run = spec.run;
    this.dir = spec.dir;
    this.#size = { cols: spec.cols, rows: spec.rows };
    this.#events = events;
    const kept = { limit: spec.journalBytes, size: [spec.cols, spec.rows] as [number, number] };
    this.journal = new Journal(path.join(spec.dir, 'journal'), kept, {
      written: (to) => {
        this.#screen.advance(to);
        this.#flow();
      },
      refusing: (refusing) => this.#screen.refusing(refusing),
      gap: (from, to) => events.gap(this, from, to),
      consumed: () => this.#screen.consumed,
    });
    this.#screen = screens.open(this.run, spec.dir, this.journal, this.#size, {
      answers: (answers) => this.#answer(answers),
      unseen: () => events.unseen(this),
      frame: (viewer, offset, data) =>
        [...this.viewers].find(({ id }) => id === viewer)?.sendFrame(offset, data),
      progress: () => {
        this.journal.dropOldest();
        this.#flow();
      },
    });
    this.#pty = new Pty(spec, {
      data: (bytes) => this.#data(bytes),
      exit: (code, signal) => void this.#exited(code, signal),
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  get head(): number {
    return this.journal.head;
  }

  get size(): { cols: number; rows: number } {
    return this.#size;
  }

  get ended(): boolean {
    return this.#exit !== undefined;
  }

  get exit(): Exit | undefined {
    return this.#exit;
  }

  get attached(): number {
    return this.who.length;
  }

  /** Whose terminals show it: one entry a terminal. */
  get who(): string[] {
    return [...this.viewers].filter(({ view }) => view === 'screen').map(({ who }) => who);
  }

  /** How much of an attachment's input was accepted. */
  acceptedOf(attachment: string): number {
    return this.#attachments.acceptedOf(attachment);
  }

  add(viewer: Viewer): void {
    this.viewers.add(viewer);
    viewer.answers(false);
    if (viewer.view === 'screen' && viewer.role === 'write' && this.#holder === undefined) this.#hold(viewer);
    viewer.start();
    this.#tell();
    if (this.#exit !== undefined) viewer.ended({ ...this.#exit, offset: this.#exit.bytes });
  }

  left(viewer: Viewer): void {
    this.viewers.delete(viewer);
    if (this.#holder === viewer) {
      this.#holder = undefined;
      this.#answering.by(false, this.head);
    }
    this.#flow();
    this.#tell();
  }

  shown(viewer: Viewer, from: number): void {
    if (viewer === this.#holder) this.#answering.by(viewer.raw, from);
  }

  /** Takes input once, whatever is repeated (H3); what is past the queue waits for its sender to send it again. */
  input(viewer: Viewer, offset: number, bytes: Uint8Array): void {
    if (this.#exit !== undefined) return;
    const fresh = this.#attachments.fresh(viewer.attachment, offset, bytes, this.#pty.queued);
    const now = this.acceptedOf(viewer.attachment);
    if (fresh.length === 0) return viewer.accepted(now);
    if (viewer.view === 'screen') this.#hold(viewer);
    this.typing.by(viewer.who, this.head);
    this.#pty.write(fresh, () => viewer.accepted(now));
  }

  /** Typed at a terminal that is read here: each byte comes once. */
  pressed(viewer: Viewer, bytes: Uint8Array, taken: () => void): void {
    if (this.#exit !== undefined) return;
    this.#hold(viewer);
    this.typing.by(viewer.who, this.head);
    this.#pty.write(bytes, taken);
  }

  /** A viewer's own terminal was resized: the program follows only its size-holder (H6). */
  resized(viewer: Viewer): void {
    if (this.#holder === viewer) this.resize(viewer.cols, viewer.rows, viewer.veiled);
    viewer.fit();
    this.#tell();
  }

  /** Sets the program's size; every viewer of another size is shown frames from here on. */
  resize(cols: number, rows: number, veiled?: boolean): void {
    if (this.#exit !== undefined || (this.#size.cols === cols && this.#size.rows === rows)) return;
    this.#size = { cols, rows };
    this.journal.resize(cols, rows, veiled);
    this.#screen.resize(this.head, cols, rows, veiled);
    this.#pty.resize(cols, rows);
    for (const viewer of this.viewers) viewer.fit();
    this.#tell();
  }

  keep(): boolean {
    return this.#keepLast() && this.journal.kept;
  }

  async settled(): Promise<void> {
    this.#keepLast();
    await this.journal.settled();
  }

  /** A terminal's journal keeps the newest, whoever has it (H2). */
  kept(): void {}

  endInput(): never {
    throw new SkeinError('bad_request', 'The input of a terminal has no end.');
  }

  read(offset: number, max: number): Found {
    return this.journal.read(offset, max);
  }

  paint(along: boolean): ReturnType<Viewed['paint']> {
    return this.#screen.paint(along);
  }

  snapshot(form: 'text' | 'ansi', history: number): ReturnType<RunScreen['snapshot']> {
    return this.#screen.snapshot(form, history);
  }

  renderFor(viewer: Viewer, on: boolean): void {
    this.#screen.render(viewer.id, on ? { cols: viewer.cols, rows: viewer.rows } : undefined);
  }

  frameConsumed(viewer: Viewer): void {
    this.#screen.frameConsumed(viewer.id);
  }

  consumed(viewer: Viewer): void {
    if (viewer === this.#holder) this.#flow();
  }

  /** Forwarded first, then journalled (H2); whoever is not up to date reads it from the journal. */
  #data(bytes: Uint8Array): void {
    const offset = this.head;
    let behind = false;
    for (const viewer of this.viewers) if (!viewer.live(offset, bytes)) behind = true;
    this.journal.append(bytes);
    if (behind) for (const viewer of this.viewers) viewer.pump();
    this.#screen.printed();
    if (this.journal.refusing) this.#screen.unwritten(offset, bytes);
    this.#flow();
  }

  #hold(viewer: Viewer): void {
    if (this.#holder !== viewer) {
      const others = this.#holder !== undefined;
      this.#holder?.answers(false);
      this.#holder = viewer;
      this.#answering.by(viewer.raw, this.head);
      viewer.answers(true);
      if (others) this.#tell();
    }
    this.resize(viewer.cols, viewer.rows, viewer.veiled);
  }

  /** The emulator's answers to queries, without those that somebody's terminal has answered (H7). */
  #answer(answers: readonly Answer[]): void {
    const own = this.#answering.emulators(answers, this.#pty.queued);
    if (own !== '' && this.#exit === undefined) this.#pty.write(Buffer.from(own, 'latin1'), () => {});
  }

  /** Whether the program must wait (C2): briefly for who types, to be a window behind at most; for a slow disk; for the emulator. */
  #flow(): void {
    if (this.#exit !== undefined) return;
    const disk = !this.journal.refusing && this.journal.pending > PENDING_MAX;
    const emulator = this.head - this.#screen.consumed > EMULATOR_LAG_MAX;
    const holder =
      this.#holder?.raw === true && this.#holder.lag > this.#holder.window && this.head >= this.#mayHoldFrom;
    const wait = disk || emulator || holder;
    if (holder) {
      this.#holdTimer ??= setTimeout(() => {
        this.#holdTimer = undefined;
        this.#mayHoldFrom = this.head + HOLD_AGAIN;
        this.#flow();
      }, HOLD_MS);
    } else if (this.#holdTimer !== undefined) {
      clearTimeout(this.#holdTimer);
      this.#holdTimer = undefined;
    }
    if (wait === this.#paused) return;
    this.#paused = wait;
    if (wait) this.#pty.pause();
    else this.#pty.resume();
  }

  #tell(): void {
    const viewers = this.attached;
    for (const viewer of this.viewers)
      viewer.sendState({ ...this.#size, viewers, holder: viewer === this.#holder });
    if (this.#exit === undefined) this.#events.changed(this);
  }

  async #exited(code: number | null, signal: number | null): Promise<void> {
    clearTimeout(this.#holdTimer);
    const bytes = this.head;
    await this.journal.flushed();
    this.#keepLast = await this.#screen.finish();
    this.#exit = { code, signal, bytes };
    this.typing.end();
    await this.journal.close();
    this.#events.exited(this);
    for (const viewer of this.viewers) viewer.ended({ code, signal, offset: bytes });
  }
}
