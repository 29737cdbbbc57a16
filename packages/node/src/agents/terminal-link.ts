/**
 * What comes from a program in a terminal and what is typed into it (rules A1, H3): the reports of its hooks, taken from disk
 * in order and removed once they are recorded; its screen, looked at when it has changed and come to rest; keys, numbered like
 * any input. The terminal itself is its session's: its end is told there.
 */
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Input, Write } from '../drivers/driver.ts';
import { looksAt } from '../drivers/pty/screen.ts';
import type { PtyState } from '../drivers/pty/state.ts';
import type { BaseState } from '../drivers/state.ts';
import { hooksDir } from '../hooks/places.ts';
import { HookSpool, type Reported } from '../hooks/spool.ts';
import type { HostPool } from '../hosts/pool.ts';
import { HostPipe } from './host-pipe.ts';
import type { Exit, Link, LinkEvents } from './link.ts';
import { Outbox } from './outbox.ts';

/** Milliseconds without output after which a screen is looked at; and the longest that one which never rests is not. */
const REST_MS = 100;
const RESTLESS_MS = 500;

const encoder = new TextEncoder();

export class TerminalLink implements Link {
  readonly #hosts: HostPool;
  readonly #run: { run: string; host: string };
  readonly #events: LinkEvents;
  readonly #spool: HookSpool;
  readonly #outbox = new Outbox();
  #pipe: HostPipe | undefined;
  #exit: Exit | undefined;
  /** Reports that were taken: up to which byte of all reports each goes. */
  #taken: { report: Reported; to: number }[] = [];
  #consumed = 0;
  /** Nothing was reported that was not taken, the last time. */
  #drained = false;
  #screens: Input[] = [];
  #state: PtyState | undefined;
  /** Output or input since the screen was last looked at; when there was any last, and when it was looked at. */
  #moved = true;
  #stirredAt = performance.now();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking = false;
  /** A prompt waits for the screen to be looked at, whatever is printed until then. */
  /** A screen is looked at when it has come to rest. */
  readonly plenty = false;
  #wanted = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    hosts: HostPool,
    home: string,
    { run, host }: { run: string; host: string },
    events: LinkEvents,
  ) {
    this.#hosts = hosts;
    this.#run = { run, host };
    this.#events = events;
    this.#spool = new HookSpool(hooksDir(home, run), () => events.news());
  }

  async open(state: BaseState, writes: readonly Write[], session: SessionState): Promise<void> {
    this.#begin(state);
    this.#outbox.add(writes);
    this.#heed(session);
    if (this.#exit !== undefined) return;
    const { offset } = await this.#look();
    let ended = false;
    const pipe: HostPipe = await HostPipe.open(this.#hosts, this.#run, offset, this.#outbox, {
      output: (at, bytes) => {
        this.#stir();
        pipe.consumed(at + bytes.length);
        this.#plan();
      },
      exit: () => {
        ended = true;
      },
      closed: () => {
        this.#pipe = undefined;
        if (!this.#closed && !ended) this.#events.lost();
      },
    });
    this.#pipe = pipe;
    if (this.#closed) pipe.close();
  }

  openLeft(state: BaseState): void {
    this.#begin(state);
  }

  get idle(): boolean {
    return this.#screens.length === 0;
  }

  take(session: SessionState): Input[] {
    this.#heed(session);
    const reports = this.#spool.reports(new Set(this.#taken.map(({ report }) => report.name)));
    this.#drained = reports.length === 0;
    const inputs = reports.map((report): Input => {
      const bytes = encoder.encode(`${report.line}\n`);
      const offset = this.#consumed;
      this.#consumed += bytes.length;
      this.#taken.push({ report, to: this.#consumed });
      return { type: 'output', offset, bytes };
    });
    // What a hook has told explains the screen that follows it.
    return [...inputs, ...this.#screens.splice(0)];
  }

  get ended(): Exit | undefined {
    return this.#drained ? this.#exit : undefined;
  }

  rest(): Input[] {
    return [];
  }

  fresh(): boolean {
    this.#wanted ||= this.#moved;
    if (this.#wanted) this.#plan();
    return !this.#moved && this.#screens.length === 0;
  }

  send(writes: readonly Write[]): void {
    // What is typed may take a moment to show: until then the screen is not at rest.
    if (writes.length > 0) this.#stir();
    this.#outbox.add(writes);
  }

  flow(state: BaseState): void {
    // How a turn leaves the screen has to be seen, though nothing more may be printed.
    if (this.#state?.turn !== null && state.turn === null) this.#moved = true;
    this.#state = state as PtyState;
    this.#plan();
  }

  recorded(state: BaseState): void {
    const done = this.#taken.filter(({ to }) => to <= state.consumed);
    this.#taken = this.#taken.slice(done.length);
    this.#spool.remove(done.map(({ report }) => report));
    for (const { request, text } of (state as PtyState).replies) this.#spool.answer(request, text);
  }

  arrived(): number[] {
    return this.#outbox.arrived();
  }

  get unsent(): number[] {
    return this.#outbox.offsets;
  }

  close(): void {
    this.#closed = true;
    this.#spool.stop();
    clearTimeout(this.#timer);
    this.#pipe?.close();
  }

  #begin(state: BaseState): void {
    this.#consumed = state.consumed;
    this.#state = state as PtyState;
    this.#spool.start();
    this.recorded(state);
  }

  /** The terminal's end, as its session knows it. */
  #heed({ run }: SessionState): void {
    if (run?.run !== this.#run.run || run.state === 'starting' || run.state === 'running') return;
    this.#exit = { code: run.code ?? null, signal: run.signal ?? null };
  }

  /** Sees to it that the screen is looked at when that could tell anything. */
  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#closed || this.#looking || this.#state === undefined || this.#exit !== undefined) return;
    const { now, still } = looksAt(this.#state);
    const at = this.#moved && (now || this.#wanted) ? this.#dueAt() : this.#stillAt(still);
    if (at === undefined) return;
    const wait = Math.max(0, at - performance.now());
    this.#timer = setTimeout(() => void this.#lookNow(), wait).unref();
  }

  #dueAt(): number {
    return Math.min(this.#stirredAt + REST_MS, Math.max(this.#stirredAt, this.#lookedAt + RESTLESS_MS));
  }

  /** The next moment of stillness at which the same screen says more than it did. */
  #stillAt(still: readonly number[]): number | undefined {
    return still.map((ms) => this.#stirredAt + ms + 1).find((at) => at > this.#lookedAt);
  }

  async #lookNow(): Promise<void> {
    try {
      await this.#look();
      this.#events.news();
    } catch {
      // The program has ended, or its host: both will be told.
    }
    this.#plan();
  }

  #stir(): void {
    this.#moved = true;
    this.#stirredAt = performance.now();
  }

  async #look(): Promise<{ offset: number }> {
    this.#looking = true;
    this.#moved = false;
    this.#lookedAt = performance.now();
    const still = this.#lookedAt - this.#stirredAt;
    try {
      const host = this.#hosts.get(this.#run.host);
      const { data, offset } = await host.request('screen', { run: this.#run.run, form: 'text', history: 0 });
      // What has changed while it was fetched is looked at again.
      if (!this.#moved) {
        this.#wanted = false;
        this.#screens.push({ type: 'screen', text: data, still: Math.floor(still) });
      }
      return { offset };
    } finally {
      this.#looking = false;
    }
  }
}
