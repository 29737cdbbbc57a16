/**
 * One run's screen (rule H5): its emulator in the worker while the program is active, on disk while it is idle, and the present
 * screen kept ready for whoever attaches.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SkeinError } from '@skein/protocol/errors';
import { JOURNAL_BYTES } from '@skein/protocol/limits';
import type { Emulator } from '../terminal/emulator/emulator.ts';
import { keepFinal } from './final-screen.ts';
import type { Journal } from './journal.ts';
import { type Resize, readResizes, segmentStarts } from './journal-files.ts';
import { Pauses } from './pauses.ts';
import type { Form, Painted, ScreenEvents, Taken } from './screen-events.ts';
import { unseen } from './unseen.ts';

/** Milliseconds without output after which the screen is made ready for the next viewer. */
const QUIET_MS = 150;
/** Milliseconds without output after which the emulator is put to disk. */
const IDLE_MS = 5_000;
/** Milliseconds that a program's end waits for its last screen: one that makes no end is set aside before. */
const FINAL_MS = 60_000;

export class RunScreen {
  readonly #emulator: Emulator;
  readonly #run: string;
  readonly #statePath: string;
  readonly #journal: Journal;
  readonly events: ScreenEvents;
  readonly #closed: () => void;
  #size: { cols: number; rows: number };
  #painting: Promise<Painted> | undefined;
  #state: 'new' | 'open' | 'stored' | 'unseen' | 'ended' = 'new';
  /** Set while the emulator is being put to disk: whoever needs it then waits, and finds it there again. */
  #storing: Promise<void> | undefined;
  /** Set for a while after the emulator failed, or could not be had: it is not brought back before. */
  #pausing: Promise<void> | undefined;
  readonly #pauses = new Pauses();
  /** The program has ended: the emulator is not put to disk any more. */
  #finishing = false;
  #consumed = 0;
  #stored = 0;
  #ready: Painted | undefined;
  #rendered = new Map<string, { cols: number; rows: number }>();
  /** Size changes that the emulator has yet to be told. */
  #resizes: Resize[] = [];
  readonly #quiet: NodeJS.Timeout;
  readonly #idle: NodeJS.Timeout;

  constructor(
    emulator: Emulator,
    run: string,
    dir: string,
    journal: Journal,
    size: { cols: number; rows: number },
    events: ScreenEvents,
    closed: () => void,
  ) {
    this.#emulator = emulator;
    this.#run = run;
    this.#statePath = path.join(dir, 'screen');
    this.#journal = journal;
    this.#size = size;
    this.events = events;
    this.#closed = closed;
    this.#quiet = setTimeout(() => void this.#makeReady(), QUIET_MS).unref();
    this.#idle = setTimeout(() => void this.#store(), IDLE_MS).unref();
  }

  /** How far the emulator is; while it is on disk, or set aside, it lags behind nothing. */
  get consumed(): number {
    return this.#unseen ? this.#journal.head : this.#consumed;
  }

  get #unseen(): boolean {
    return this.#state === 'unseen';
  }

  /** The program printed something: what was ready is out of date. Called for every chunk. */
  printed(): void {
    this.#ready = undefined;
    this.#quiet.refresh();
    this.#idle.refresh();
  }

  advance(to: number): void {
    if (this.#wake()) this.#emulator.advance(this.#run, to);
  }

  progressed(offset: number): void {
    this.#consumed = offset;
    this.events.progress();
  }

  resize(at: number, cols: number, rows: number, veiled?: boolean): void {
    const awake = this.#wake();
    this.#size = { cols, rows };
    this.printed();
    if (awake) this.#emulator.resize(this.#run, at, cols, rows, veiled);
    else this.#resizes.push({ at, cols, rows, veiled });
  }

  /** The journal refuses or accepts again: what it does not hold is handed over by message. */
  refusing(refusing: boolean): void {
    const left = refusing ? this.#journal.unwritten() : undefined;
    if (left !== undefined) this.unwritten(left.offset, left.bytes);
  }

  unwritten(offset: number, bytes: Uint8Array): void {
    if (this.#wake()) this.#emulator.bytes(this.#run, offset, bytes);
  }

  /** The present screen as bytes that paint it. `along`: one that is just being taken for somebody else will do. */
  paint(along = false): Promise<Painted> {
    if (along && this.#painting !== undefined) return this.#painting;
    const painting = this.#paint();
    this.#painting = painting;
    const over = () => {
      if (this.#painting === painting) this.#painting = undefined;
    };
    painting.then(over, over);
    return painting;
  }

  async #paint(): Promise<Painted> {
    const ready = this.#ready;
    if (ready !== undefined && ready.cols === this.#size.cols && ready.rows === this.#size.rows) return ready;
    return this.snapshot('paint', 0);
  }

  async snapshot(form: Form, history: number): Promise<Taken> {
    for (let again = false; ; again = true) {
      if (this.#unseen) return unseen(form, this.#journal.head, this.#size);
      await this.#awake();
      try {
        return await this.#emulator.snapshot(this.#run, form, history);
      } catch (error) {
        // The thread was lost to what another program printed, perhaps: the next one may be had.
        if (again || !(this.#unseen || this.#pausing !== undefined)) throw error;
      }
    }
  }

  /** Frames for a viewer of this size (H6), or no more of them. */
  render(viewer: string, size: { cols: number; rows: number } | undefined): void {
    if (this.#state === 'ended') return;
    if (size === undefined) {
      this.#rendered.delete(viewer);
      if (this.#state === 'open' && this.#storing === undefined)
        this.#emulator.removeViewer(this.#run, viewer);
      return;
    }
    this.#rendered.set(viewer, size);
    if (this.#unseen) {
      const { offset, data } = unseen('paint', this.#journal.head, size);
      this.events.frame(viewer, offset, data);
    } else if (this.#wake()) this.#emulator.viewer(this.#run, viewer, size.cols, size.rows);
  }

  frameConsumed(viewer: string): void {
    if (this.#state === 'open' && this.#storing === undefined)
      this.#emulator.frameConsumed(this.#run, viewer);
  }

  /** The program ended: keeps its last screen on disk, and lets the emulator go. Returns what tries that again, if the disk refused, and says whether it is kept. */
  async finish(): Promise<() => boolean> {
    this.#finishing = true;
    let again = () => true;
    const take = (form: Form, history: number) => this.snapshot(form, history);
    const kept = keepFinal(path.dirname(this.#statePath), take, (keep) => (again = keep));
    this.#ready = (await Promise.race([kept, sleep(FINAL_MS, undefined, { ref: false })])) ?? undefined;
    this.stop();
    return () => again();
  }

  stop(): void {
    clearTimeout(this.#quiet);
    clearTimeout(this.#idle);
    if (this.#state === 'open' && this.#storing === undefined) this.#emulator.close(this.#run);
    this.#state = 'ended';
    this.#closed();
  }

  /** The worker failed: begins again, after a pause, from what is stored or from the journal; not if it failed of this very program. */
  lost(culprit: boolean): void {
    if (this.#state !== 'open') return;
    if (culprit) {
      this.#state = 'unseen';
      for (const [viewer, size] of this.#rendered) this.render(viewer, size);
      this.events.unseen();
      this.events.progress();
      return;
    }
    this.#state = this.#stored > 0 ? 'stored' : 'new';
    this.#pause();
  }

  /** What has failed once may fail for long: no thread, no descriptor, or a screen that the worker cannot show. */
  #pause(): void {
    this.#pausing = sleep(this.#pauses.next(), undefined, { ref: false }).then(() => {
      this.#pausing = undefined;
      this.#wake();
    });
  }

  /** Brings the emulator back, with all that was printed, if it is not there. False when it cannot be had just now. */
  #wake(): boolean {
    if ((this.#storing ?? this.#pausing) !== undefined || this.#state === 'ended' || this.#unseen)
      return false;
    if (this.#state === 'open') return true;
    try {
      this.#open();
      // It goes to disk again even if nothing is printed.
      this.#idle.refresh();
      return true;
    } catch {
      // The programs live without a screen; the next one may be had.
      this.#pause();
      return false;
    }
  }

  #open(): void {
    const { dir } = this.#journal;
    const [fresh, starts] = [this.#state === 'new', segmentStarts(dir)];
    // No more than a journal of the usual size: the program may have to wait until it is read.
    const from = starts.findLast((one) => one <= this.#journal.head - JOURNAL_BYTES) ?? starts[0] ?? 0;
    const offset = fresh ? from : this.#stored;
    // What an emulator that was lost had been told is told to the next.
    const resizes = readResizes(dir, Math.max(from, offset));
    resizes.push(...this.#resizes, { at: this.#journal.head, ...this.#size, veiled: undefined });
    const { cols, rows } = (fresh ? resizes.shift() : undefined) ?? this.#size;
    const at = { dir, cols, rows, offset, from, statePath: this.#statePath };
    this.#emulator.open({ run: this.#run, ...at }).catch(() => {});
    this.#state = 'open';
    this.#resizes = resizes;
    this.#tell();
  }

  /** Tells the emulator what has come while it was not there, or busy with being put to disk. */
  #tell(): void {
    for (const { at, cols, rows, veiled } of this.#resizes.splice(0))
      this.#emulator.resize(this.#run, at, cols, rows, veiled);
    for (const [viewer, size] of this.#rendered)
      this.#emulator.viewer(this.#run, viewer, size.cols, size.rows);
    this.#emulator.advance(this.#run, this.#journal.written);
    this.refusing(this.#journal.refusing);
  }

  /** Waits until the emulator is there and everything printed so far is on disk for it to read. */
  async #awake(): Promise<void> {
    await this.#journal.flushed();
    await this.#storing;
    await this.#pausing;
    if (this.#state === 'ended') throw new SkeinError('not_running', 'The program has ended.');
    if (!this.#wake())
      throw new SkeinError('host_unavailable', 'The screen cannot be had just now: try again.');
  }

  async #makeReady(): Promise<void> {
    if (this.#state !== 'open' || this.#storing !== undefined || this.#journal.refusing) return;
    const head = this.#journal.head;
    try {
      await this.#journal.flushed();
      const painted = await this.#emulator.snapshot(this.#run, 'paint');
      if (painted.offset === this.#journal.head && head === painted.offset) this.#ready = painted;
      if (painted.offset === head) this.progressed(head);
    } catch {
      // The next viewer asks for itself.
    }
  }

  async #store(): Promise<void> {
    if (this.#state !== 'open') return;
    if (this.#rendered.size > 0 || this.#journal.refusing || this.#journal.pending > 0)
      return void this.#idle.refresh();
    if (this.#ready === undefined) await this.#makeReady();
    if (this.#state !== 'open' || this.#storing !== undefined || this.#finishing) return;
    // An unfinished sequence is in what is on disk, and not in the state: it is no reason to wake.
    const told = this.#journal.written;
    // Cleared before it resolves: whoever waits for it finds the emulator ready to be brought back.
    this.#storing = this.#emulator.idle(this.#run, this.#statePath).then(
      (offset) => {
        this.#storing = undefined;
        this.#stored = offset;
        if (this.#state === 'open') this.#state = 'stored';
        this.#journal.relax();
      },
      (error: SkeinError) => {
        this.#storing = undefined;
        // It could not be written, and is open still. One too large is as large until more is printed.
        if (error.code !== 'too_large') this.#idle.refresh();
        if (this.#state === 'open') this.#tell();
      },
    );
    await this.#storing;
    const more = this.#journal.written > told || this.#journal.refusing;
    if (more || this.#resizes.length > 0 || this.#rendered.size > 0) this.#wake();
  }
}
