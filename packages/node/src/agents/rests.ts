/**
 * The rests of agents before they are started again (rule A6): over once they have lasted as long as they were to, or the time
 * of day is reached until which they were to last, whichever comes first. So neither a clock that is set nor a sleep lengthens any.
 */
import type { AgentState } from '@skein/protocol/agents/state';
import { FOR_NOW } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { KernelApi } from '../kernel/types.ts';

/** Milliseconds until the time of day is looked at again at the latest, and until what the log did not take is tried again. */
const LOOK_MS = 60_000;
const AGAIN_MS = 500;

type Resting = Pick<AgentState, 'agent' | 'until' | 'restart' | 'attempt'>;

interface Rest {
  session: string;
  agent: string;
  until: number;
  /** When it has lasted long enough, on the clock that nobody sets. */
  ends: number;
  timer?: NodeJS.Timeout;
}

export class Rests {
  readonly #kernel: Pick<KernelApi, 'submit'>;
  readonly #rests = new Map<string, Rest>();

  constructor(kernel: Pick<KernelApi, 'submit'>) {
    this.#kernel = kernel;
  }

  /** It rests; one whose rest is known goes on with that. */
  begin(session: string, resting: Resting): void {
    const { agent } = resting;
    const until = resting.until ?? 0;
    if (this.#rests.get(agent)?.until === until) return;
    this.end(agent);
    const lasts = Math.min(until - Date.now(), longest(resting));
    const rest = { session, agent, until, ends: performance.now() + lasts };
    this.#rests.set(agent, rest);
    this.#look(rest);
  }

  /** It rests no more. */
  end(agent: string): void {
    clearTimeout(this.#rests.get(agent)?.timer);
    this.#rests.delete(agent);
  }

  stop(): void {
    for (const agent of [...this.#rests.keys()]) this.end(agent);
  }

  #look(rest: Rest): void {
    const left = Math.min(rest.until - Date.now(), rest.ends - performance.now());
    if (left > 0) this.#wait(rest, left, () => this.#look(rest));
    else void this.#over(rest);
  }

  async #over(rest: Rest): Promise<void> {
    const { session, agent, until } = rest;
    const body = { agent, run: newId(), until };
    const command = { target: `session/${session}`, type: 'agent.again', body };
    const reply = await this.#kernel.submit(NODE_ITSELF, command);
    if (reply.ok || this.#rests.get(agent) !== rest || !FOR_NOW.includes(reply.error.code)) return;
    this.#wait(rest, AGAIN_MS, () => void this.#over(rest));
  }

  #wait(rest: Rest, ms: number, act: () => void): void {
    rest.timer = setTimeout(act, Math.min(Math.ceil(ms), LOOK_MS)).unref();
  }
}

/** Milliseconds that such a rest can be meant to last. */
function longest({ restart, attempt }: Resting): number {
  return Math.max(restart.delay * 2 ** Math.max(0, attempt - 1), restart.resumeAfter ?? 0);
}
