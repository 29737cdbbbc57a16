/** The sessions as the node's other parts see them: read from the log, with what hosts tell of the moment. */
import type { Asks } from '@skein/protocol/sessions/asks';
import { type Listed, type NodeState, sessionsIn } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import { stateUntil } from '../actors/until.ts';
import type { Cursor, KernelApi } from '../kernel/types.ts';
import { bygone } from './bygone.ts';
import type { Environments } from './environment.ts';

/** What hosts tell of a run that is not worth an event: who looks at it, and its size now. */
export interface Presence {
  attached: number;
  cols: number;
  rows: number;
  /** Whose terminals, and whose input came last, in the words of the rights given (see host/control.ts). */
  who?: string[];
  typed?: { who: string; offset: number };
}

export class Sessions {
  readonly #kernel: KernelApi;
  readonly environments: Environments;
  readonly #presence = new Map<string, Presence>();

  constructor(kernel: KernelApi, environments: Environments) {
    this.#kernel = kernel;
    this.environments = environments;
  }

  /** The oldest first. */
  async list(): Promise<readonly Listed[]> {
    const { state } = await this.#kernel.state<NodeState>('node');
    return sessionsIn(state);
  }

  /** Those that ended before a time, page by page. */
  async bygone(asked: Asks['bygone']['body']): Promise<Asks['bygone']['answer']> {
    const { state } = await this.#kernel.state<NodeState>('node');
    return bygone(this.#kernel, state, asked);
  }

  async session(id: string): Promise<SessionState> {
    return (await this.#kernel.state<SessionState>(`session/${id}`)).state;
  }

  /** The state, and the place in its stream that it is the state at. */
  at(id: string): Promise<{ state: SessionState; cursor: Cursor }> {
    return this.#kernel.state<SessionState>(`session/${id}`);
  }

  presence(run: string): Presence | undefined {
    return this.#presence.get(run);
  }

  /** Undefined when there is no such program any more. */
  setPresence(run: string, presence: Presence | undefined): void {
    if (presence === undefined) this.#presence.delete(run);
    else this.#presence.set(run, presence);
  }

  /** Resolves with the session's state once it is as wanted; with the present one when aborted before. */
  until(id: string, wanted: (state: SessionState) => boolean, aborted: AbortSignal): Promise<SessionState> {
    return stateUntil(this.#kernel, `session/${id}`, wanted, aborted);
  }
}
