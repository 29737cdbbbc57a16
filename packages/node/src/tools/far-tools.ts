/**
 * Tools of agents on other machines (rules N1, X1): a call is recorded by the worker as something that it asks of home, and is run at home with
 * the capability that the agent has there. Whatever is cut or killed in between, the same call is run again, which is the same as once.
 */
import { createHash } from 'node:crypto';
import { SkeinError } from '@skein/protocol/errors';
import { idOf } from '@skein/protocol/ids';
import type { Far } from '@skein/protocol/machines/far';
import type { HomeAsk } from '@skein/protocol/machines/hosted';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import { type ToolAnswer, type ToolCall, toolCall } from '@skein/protocol/tools/tool';
import type { KernelApi } from '../kernel/types.ts';
import { askHome, withdraw } from '../machines/worker/asking.ts';
import { failed } from './answers.ts';
import type { AskHome, Tools } from './tools.ts';

/** Milliseconds that home is waited for, besides what the call itself waits for. */
const PATIENCE_MS = 60_000;

/** The worker's side. */
export function homeAsker(kernel: KernelApi): AskHome {
  return async (session, agent, { call, name, input }, aborted) => {
    const ask = idOf(
      createHash('sha256')
        .update(JSON.stringify([agent, call]))
        .digest(),
    );
    const wait = (input as { timeout?: unknown } | null)?.timeout;
    const patience = PATIENCE_MS + (typeof wait === 'number' && wait > 0 ? wait * 1_000 : 0);
    const limit = AbortSignal.any([aborted, AbortSignal.timeout(patience)]);
    try {
      const body = { call, name, input };
      const answered = await askHome(kernel, session, { ask, kind: 'tool', body }, limit);
      if (answered === undefined) {
        await withdraw(kernel, session, { ask, by: 'withdrawn' });
        return failed(away());
      }
      if (answered.by !== 'home') return failed(away());
      if (answered.error !== undefined)
        return failed(new SkeinError(answered.error.code as SkeinError['code'], answered.error.message));
      return answered.answer as ToolAnswer;
    } catch (error) {
      return failed(SkeinError.from(error));
    }
  };
}

function away(): SkeinError {
  return new SkeinError(
    'home_away',
    'The machine that your session belongs to has not answered: it is not known whether it was done. Go on without, and look later.',
  );
}

interface Running {
  session: string;
  agent: string;
  ask: string;
  stop: AbortController;
  /** Once it is known. */
  answer: object | undefined;
  /** It is being told. */
  telling: boolean;
}

/** Home's side. */
export class FarTools {
  readonly #kernel: KernelApi;
  readonly #tools: Pick<Tools, 'call'>;
  readonly #running = new Map<string, Running>();

  constructor(kernel: KernelApi, tools: Pick<Tools, 'call'>) {
    this.#kernel = kernel;
    this.#tools = tools;
  }

  /** A session as it is now: what its agents elsewhere ask is run; what they do not wait for any more is let be. */
  look(state: SessionState): void {
    const open = new Set<string>();
    for (const [agent, far] of Object.entries(state.far))
      for (const asked of far.asks) {
        if (asked.kind !== 'tool') continue;
        const key = `${state.id} ${agent} ${asked.ask}`;
        open.add(key);
        const running = this.#running.get(key);
        if (running === undefined) this.#begin(key, state.id, agent, asked);
        else if (running.answer !== undefined && !isTold(far, asked.ask)) void this.#tell(running);
      }
    for (const [key, { session, stop }] of this.#running)
      if (session === state.id && !open.has(key)) {
        stop.abort();
        this.#running.delete(key);
      }
  }

  /** A session is gone, or has no agents. */
  gone(of: string): void {
    for (const [key, { session, stop }] of this.#running) {
      if (session !== of) continue;
      stop.abort();
      this.#running.delete(key);
    }
  }

  stop(): void {
    for (const { stop } of this.#running.values()) stop.abort();
    this.#running.clear();
  }

  #begin(key: string, session: string, agent: string, { ask, body }: HomeAsk): void {
    const running: Running = {
      session,
      agent,
      ask,
      stop: new AbortController(),
      answer: undefined,
      telling: false,
    };
    this.#running.set(key, running);
    void this.#answer(running, body).then(async (answer) => {
      // Ended with the node, or with whoever waited: it is run again, or never.
      if (running.stop.signal.aborted) return;
      running.answer = answer;
      await this.#tell(running);
    });
  }

  async #answer({ session, agent, stop }: Running, body: unknown): Promise<object> {
    try {
      const call: ToolCall = toolCall.omit({ session: true }).parse(body);
      return { answer: await this.#tools.call({ kind: 'far', session, agent }, call, stop.signal) };
    } catch (thrown) {
      const { code, message } = SkeinError.from(thrown);
      return { error: { code, message: message.slice(0, 4_096) } };
    }
  }

  /** What cannot be told now is told when the session is looked at again. */
  async #tell(running: Running): Promise<void> {
    if (running.telling) return;
    running.telling = true;
    const { session, agent, ask, answer } = running;
    const body = { agent, ask, ...answer };
    await this.#kernel.submit(NODE_ITSELF, { target: `session/${session}`, type: 'far.answer', body });
    running.telling = false;
  }
}

/** Whether that answer is on its way. */
function isTold({ unheard }: Far, ask: string): boolean {
  return unheard.some(({ type, body }) => type === 'home.answer' && (body as { ask?: unknown }).ask === ask);
}
