/** One viewer of a run (rules C2, H5–H7): a cursor into its output, never a queue. Too far behind, it skips to a fresh screen. */
import { SkeinError } from '@skein/protocol/errors';
import { type ExitFrame, HostFrame, type ScreenFrame, type ViewerState } from '@skein/protocol/host/frames';
import { LANE_MAX } from '@skein/protocol/limits';
import { Neutraliser } from '../terminal/queries/queries.ts';
import { Accepted } from './accepted.ts';
import { Later } from './later.ts';
import type { Link } from './link.ts';
import { type Outlet, outletFor } from './outlet.ts';
import { BEHIND, Share } from './share.ts';
import { Opened, type Viewed, type ViewerOptions } from './viewed.ts';
import { understand } from './viewer-words.ts';

/** Bytes read from the journal at a time. */
const READ = 64 * 1024;

type Mode = 'raw' | 'frames' | 'waiting';

export class Viewer extends Opened {
  readonly #link: Link;
  readonly #run: Viewed;
  #mode: Mode;
  /** Output taken in, sent, and reported as consumed. `fed` runs ahead of `sent` by a sequence that is held back. */
  #fed: number;
  #sent: number;
  #consumed: number;
  /** Set for all but the viewer that answers the program's queries (H7). */
  #neutraliser: Neutraliser | undefined;
  #generation = 0;
  readonly #share = new Share();
  readonly #later = new Later(() => this.pump());
  #exit: ExitFrame | undefined;
  readonly #out: Outlet;
  /** A frame was shown, and is not known to be taken. */
  #owed = false;
  /** What waits until the system has taken what was sent before. */
  #due: ScreenFrame['why'] | 'frame' | undefined;
  readonly #accepted: Accepted;

  constructor(link: Link, run: Viewed, options: ViewerOptions) {
    super(options);
    this.#link = link;
    this.#run = run;
    this.#mode = options.view === 'bytes' ? 'raw' : 'waiting';
    this.#fed = this.#sent = this.#consumed = Math.max(options.from, options.floor);
    this.#accepted = new Accepted(link);
    this.#out = outletFor(link, options.terminal, {
      typed: (bytes, taken) => run.pressed(this, bytes, taken),
      taken: () => this.#taken(),
    });
    link.events = {
      frame: (type, payload) => this.#frame(type, payload),
      drained: () => this.#drained(),
      closed: () => this.#left(),
    };
  }

  /** Begins: paints the screen, or sends the bytes asked for. */
  start(): void {
    if (this.view === 'bytes') {
      // What was before somebody came is as if it were not kept any more.
      if (this.from < this.#sent) this.#link.sendValue(HostFrame.GAP, { from: this.from, to: this.#sent });
      this.pump();
    } else if (!this.near) void this.#repaint('attach');
  }

  /** Whether this host serves its terminal itself. */
  get near(): boolean {
    return this.#out.near;
  }

  /** Bytes that this viewer has not consumed yet. */
  get lag(): number {
    return this.#run.head - this.#consumed;
  }

  /** Whether it is sent the program's own bytes; such a viewer can hold the program back. */
  get raw(): boolean {
    return this.#mode === 'raw' && this.view === 'screen';
  }

  fits(size: { cols: number; rows: number }): boolean {
    return this.cols === size.cols && this.rows === size.rows;
  }

  /** Whether this viewer's terminal answers the program's queries; all others must not see them (H7). */
  answers(answers: boolean): void {
    if (this.view === 'bytes' || answers === (this.#neutraliser === undefined)) return;
    // The rest of a string, the beginning of which its terminal has not, would be text there.
    const headless = this.#neutraliser?.dropping === true && this.raw;
    this.#neutraliser = answers ? undefined : new Neutraliser();
    this.#fed = this.#sent;
    if (headless) void this.#repaint('behind');
  }

  /** Takes a chunk that the program has just printed, if nothing is to be sent before it. Says whether it did. */
  live(offset: number, bytes: Uint8Array): boolean {
    if (this.#mode !== 'raw' || this.#fed !== offset || !this.#open) return false;
    if (this.#sated) {
      this.#skip();
      return false;
    }
    this.#emit(bytes);
    return true;
  }

  /** Sends what the window allows of what there is. */
  pump(): void {
    while (this.#mode === 'raw' && this.#open) {
      if (this.#sated) return this.#skip();
      const found = this.#run.read(this.#fed, READ);
      if (found.kind === 'bytes') this.#emit(found.bytes);
      else if (found.kind === 'later') return this.#later.soon();
      else if (found.kind === 'gap') {
        if (this.view === 'screen') return this.#skip();
        this.#link.sendValue(HostFrame.GAP, { from: found.from, to: found.to });
        this.#fed = this.#sent = this.#consumed = found.to;
      } else return this.#atHead();
    }
  }

  /** The program's size changed, or this viewer's: another way of showing it may be due (H6). */
  fit(): void {
    if (this.view === 'bytes' || this.#mode === 'waiting') return;
    if (this.#mode === 'frames' || this.torn || !this.fits(this.#run.size)) void this.#repaint('resize');
  }

  sendFrame(offset: number, bytes: Uint8Array): void {
    if (this.#mode !== 'frames') return;
    this.#out.frame(offset, bytes);
    this.#owed = true;
    this.#taken();
  }

  sendState(state: ViewerState): void {
    if (this.view === 'screen') this.#link.sendValue(HostFrame.STATE, state);
  }

  /** Input up to here has been taken (H3). */
  accepted(offset: number): void {
    this.#accepted.tell(offset);
  }

  /** The program ended; told once all output is sent. */
  ended(exit: ExitFrame): void {
    this.#exit = exit;
    if (this.#mode === 'frames') this.#finish(exit);
    else this.pump();
  }

  refuse(error: unknown): void {
    this.#out.close();
    this.#link.refuse(SkeinError.from(error));
  }

  #emit(bytes: Uint8Array): void {
    this.#fed += bytes.length;
    this.#share.count(bytes.length);
    const out = this.#neutraliser?.push(bytes) ?? bytes;
    if (out.length > 0) this.#accepted.behind(() => this.#out.data(this.#sent, out));
    this.#sent += out.length;
    if (this.#out.pending === 0) this.#consumed = this.#sent;
  }

  #atHead(): void {
    if (this.#exit !== undefined) this.#finish(this.#exit);
    else if (this.view === 'bytes' && !this.follow)
      this.#finish({ code: null, signal: null, offset: this.#sent });
  }

  #finish(exit: ExitFrame): void {
    this.#accepted.flush();
    this.#out.exit(exit);
  }

  /** Whether the system, or its terminal, has yet to take more than may be kept for it, whatever it says to have consumed (C2). */
  get #full(): boolean {
    return Math.max(this.#link.buffered, this.#out.pending ?? 0) > LANE_MAX;
  }

  /** Whether it may be sent more of the output. */
  get #open(): boolean {
    return this.#sent - this.#consumed < this.window && !this.#full;
  }

  /** Whether it looks on, and the program prints more than anybody reads. */
  get #sated(): boolean {
    return this.view === 'screen' && this.#neutraliser !== undefined && this.#share.spent;
  }

  /** Sends nothing more until a fresh screen is due. */
  #skip(): void {
    const generation = ++this.#generation;
    this.#show('waiting', this.#sent);
    this.#share.skip(() => generation === this.#generation && void this.#repaint('behind'));
  }

  #show(mode: Mode, from: number): void {
    this.#mode = mode;
    this.#run.shown(this, from);
  }

  async #repaint(why: ScreenFrame['why']): Promise<void> {
    const generation = ++this.#generation;
    if (this.#mode === 'frames') this.#run.renderFor(this, false);
    this.#show('waiting', this.#sent);
    this.#due = this.#full ? why : undefined;
    if (this.#due !== undefined) return;
    const size = this.#run.size;
    const screen = await this.#run.paint(why === 'behind').catch((error) => this.refuse(error));
    if (screen === undefined || generation !== this.#generation) return;
    // The program was resized while the screen was being taken: take the one of the new size.
    if (size !== this.#run.size) return this.#repaint(why);
    const raw = this.fits(size);
    const mode = raw ? 'raw' : 'frames';
    const { offset, cols, rows, data } = screen;
    const painting = raw ? this.painting(data) : new Uint8Array(0);
    this.#out.screen({ offset, cols, rows, mode, why, data: painting });
    if (this.#neutraliser !== undefined) this.#neutraliser = new Neutraliser();
    this.#fed = this.#sent = this.#consumed = screen.offset;
    this.#show(mode, screen.offset);
    if (raw) this.pump();
    else {
      this.#run.renderFor(this, true);
      if (this.#exit !== undefined) this.#finish(this.#exit);
    }
  }

  #frame(type: number, payload: Uint8Array): void {
    try {
      const said = understand(type, payload, this.role);
      switch (said?.type) {
        case 'input':
          return this.#run.input(this, said.offset, said.bytes);
        case 'consumed':
          return this.#onConsumed(said.offset);
        case 'kept':
          return this.#run.kept(said.offset);
        case 'end':
          return this.#run.endInput(this, said.offset);
        case 'take':
          this.#out.take();
          return this.near && this.#mode === 'waiting' ? void this.#repaint('attach') : undefined;
        case 'release':
          return this.#out.release();
        case 'resize':
          this.sized(said);
          return this.#run.resized(this);
      }
    } catch (error) {
      this.refuse(error);
    }
  }

  /** Where the terminal is written to here, it is known here what it has taken. */
  #taken(): void {
    const { pending } = this.#out;
    if (pending === undefined) return;
    if (this.#due !== undefined && !this.#full) this.#drained();
    if (this.#mode === 'raw') this.#onConsumed(this.#sent - pending);
    else if (this.#owed && pending === 0) {
      this.#owed = false;
      this.#run.frameConsumed(this);
    }
  }

  #onConsumed(offset: number): void {
    if (this.#mode === 'frames') {
      if (!this.#full) return this.#run.frameConsumed(this);
      this.#due = 'frame';
      return;
    }
    // Never more than was sent: a viewer cannot widen its own window.
    this.#consumed = Math.max(this.#consumed, Math.min(offset, this.#sent));
    this.#goOn();
    this.#run.consumed(this);
  }

  #goOn(): void {
    const patience = this.#neutraliser === undefined ? BEHIND.typing : BEHIND.looking;
    if (this.raw && this.#run.head - this.#fed > patience) this.#skip();
    else this.pump();
  }

  #drained(): void {
    const due = this.#due;
    this.#due = undefined;
    if (due === undefined) this.#goOn();
    else if (due === 'frame') this.#run.frameConsumed(this);
    else void this.#repaint(due);
  }

  #left(): void {
    this.#out.close();
    this.#generation++;
    if (this.#mode === 'frames') this.#run.renderFor(this, false);
    this.#mode = 'waiting';
    this.#run.left(this);
  }
}
