/**
 * Tells sessions when a time has come that matters to their tasks and questions, and lets whoever calls people know of questions (rules N3, N4). It
 * goes by what the log says, so that a node that was away or killed makes up for it.
 */

import { NODE_ITSELF } from '@skein/protocol/members/who';
import { changedSessions, type NodeState, sessionIn } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { KernelApi } from '../kernel/types.ts';
import { nextDue, WORK_DUE } from './working.ts';

/** Milliseconds until the time is looked at again at the latest, since the clock of the day may be set; and after one that came too soon. */
const LOOK_MS = 60_000;
const AGAIN_MS = 1_000;

interface ClockContext {
  kernel: Pick<KernelApi, 'state' | 'peek' | 'head' | 'changed' | 'submit'>;
  /** The questions that are open in a session, whenever they may be others. */
  asks(session: string, open: readonly string[]): void;
  /** Milliseconds since 1970; the kernel's. */
  now?: () => number;
}

interface Watched {
  stop: () => void;
  timer?: NodeJS.Timeout | undefined;
}

export class TaskClock {
  readonly #context: ClockContext;
  readonly #now: () => number;
  readonly #watched = new Map<string, Watched>();
  /** What was looked at last; undefined when every session is to be looked at. */
  #index: NodeState | undefined;
  #unfollow: (() => void) | undefined;
  #stopped = false;

  constructor(context: ClockContext) {
    this.#context = context;
    this.#now = context.now ?? Date.now;
  }

  /** Every session with work looks at it once: what was due meanwhile is done. */
  start(): void {
    this.#follow();
  }

  /** After a repair of the log: everything is looked at anew. */
  lookAgain(): void {
    this.#unfollow?.();
    this.#index = undefined;
    for (const id of [...this.#watched.keys()]) this.#leave(id);
    this.#follow();
  }

  stop(): void {
    this.#stopped = true;
    this.#unfollow?.();
    for (const id of [...this.#watched.keys()]) this.#leave(id);
  }

  #follow(): void {
    const { kernel } = this.#context;
    if (this.#stopped || kernel.head('node') === undefined) return;
    this.#unfollow = kernel.changed('node', () => this.#follow());
    const index = kernel.peek<NodeState>('node');
    if (index === undefined)
      return void kernel.state<NodeState>('node').then(
        ({ state }) => this.#take(state),
        () => {},
      );
    this.#take(index);
  }

  #take(index: NodeState): void {
    if (this.#stopped) return;
    const ids = changedSessions(this.#index, index, this.#watched.keys());
    this.#index = index;
    for (const id of ids) {
      const works = sessionIn(index, id)?.work !== undefined;
      if (works === this.#watched.has(id)) continue;
      if (works) this.#begin(id);
      else {
        this.#leave(id);
        this.#context.asks(id, []);
      }
    }
  }

  #begin(id: string): void {
    this.#watched.set(id, { stop: () => {} });
    this.#tell(id);
    this.#look(id);
  }

  #look(id: string): void {
    const { kernel } = this.#context;
    const watched = this.#watched.get(id);
    if (this.#stopped || watched === undefined) return;
    if (kernel.head(`session/${id}`) === undefined) {
      this.#index = undefined;
      return this.#leave(id);
    }
    watched.stop();
    watched.stop = kernel.changed(`session/${id}`, () => this.#look(id));
    const state = kernel.peek<SessionState>(`session/${id}`);
    if (state === undefined) {
      kernel.state<SessionState>(`session/${id}`).then(
        ({ state: now }) => this.#set(id, now),
        () => {},
      );
    } else this.#set(id, state);
  }

  #set(id: string, state: SessionState): void {
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    this.#context.asks(id, Object.keys(state.questions));
    clearTimeout(watched.timer);
    watched.timer = undefined;
    const due = nextDue(state);
    if (due === undefined) return;
    this.#arm(id, watched, due, due - this.#now());
  }

  /** Timers go by another clock than dues do: one that has fired says only that it is time to look. */
  #arm(id: string, watched: Watched, due: number, ms: number): void {
    const act = () => {
      const left = due - this.#now();
      if (left <= 0) this.#tell(id);
      // What that has changed sets it anew.
      this.#arm(id, watched, due, left > 0 ? left : AGAIN_MS);
    };
    watched.timer = setTimeout(act, Math.min(Math.max(0, ms), LOOK_MS)).unref();
  }

  #tell(id: string): void {
    const command = { target: `session/${id}`, type: WORK_DUE, body: {} };
    void this.#context.kernel.submit(NODE_ITSELF, command);
  }

  #leave(id: string): void {
    const watched = this.#watched.get(id);
    watched?.stop();
    clearTimeout(watched?.timer);
    this.#watched.delete(id);
  }
}
