/** Follows what the agents of a session run in shells, by the events that tell of their tools (rule W4). */
import type { SessionState } from '@skein/protocol/sessions/state';
import { unpackEvents } from '../../kernel/codec.ts';
import type { KernelApi, LogEvent, Subscription } from '../../kernel/types.ts';
import { now } from './clock.ts';

/** Milliseconds until a stream that could not be read is tried again. */
const AGAIN_MS = 1_000;

export interface ShellEvents {
  /** `call` is null for what was at work before this began to follow. */
  began(run: string, call: string | null, at: number): void;
  ended(run: string, call: string | null, at: number): void;
  turnEnded(run: string, at: number): void;
}

export class Shells {
  readonly #kernel: KernelApi;
  readonly #session: string;
  readonly #events: ShellEvents;
  #subscription: Subscription | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(kernel: KernelApi, session: string, events: ShellEvents) {
    this.#kernel = kernel;
    this.#session = session;
    this.#events = events;
    void this.#follow();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#subscription?.close();
  }

  async #follow(): Promise<void> {
    try {
      const stream = `session/${this.#session}`;
      const { state, cursor } = await this.#kernel.state<SessionState>(stream);
      if (this.#stopped) return;
      // What a turn has begun by now nobody has told here.
      for (const { turn, run } of Object.values(state.agents))
        if (turn !== null && run !== null) this.#events.began(run.run, null, now());
      const events = await this.#kernel.subscribe({ stream, from: cursor, follow: true });
      this.#subscription = events;
      if (this.#stopped) return events.close();
      for (let page = await events.next(); page !== null; page = await events.next())
        for (const event of unpackEvents(page.data)) this.#take(event);
    } catch {
      // Its log was repaired, or it is gone.
    }
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#follow(), AGAIN_MS);
  }

  #take({ type, body }: LogEvent): void {
    // A body that is kept apart tells nothing here: its call counts as at work until the turn ends.
    const told = body as { run?: string; call?: string; kind?: string } | undefined;
    if (told?.run === undefined) return;
    const { run, call = null, kind } = told;
    if (type === 'turn.ended') this.#events.turnEnded(run, now());
    else if (type === 'tool.announced' || type === 'tool.updated') {
      if (kind === 'execute' || kind === 'other') this.#events.began(run, call, now());
    } else if (type === 'tool.finished') {
      // One that was told whole when it was over.
      if (kind === 'execute' || kind === 'other') this.#events.began(run, call, now());
      this.#events.ended(run, call, now());
    }
  }
}
