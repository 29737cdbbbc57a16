/**
 * Hands calls of tools to the node (rule N1). Connected only while something is asked and for a little while after it, so that an
 * agent that calls nothing costs its node nothing; over a node that was killed, and is there again, the same call is made again.
 */

import { nodeSocket } from '@skein/client/home';
import { webSocket } from '@skein/client/transport/websocket';
import { Client } from '@skein/protocol/client/client';
import { PASSING, SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import type { ToolAnswer, ToolCall } from '@skein/protocol/tools/tool';
import { VERSION } from '../version.ts';

/** Milliseconds for which a call waits for a node that is away. */
const AWAY_MS = 300_000;
/** Milliseconds for which a connection is kept that nobody uses. */
const IDLE_MS = 30_000;
/** Milliseconds between tries to find the node: at first, and at most. */
const PAUSE_MS = 20;
const MOST_PAUSE_MS = 1_000;

export interface Calling {
  home: string;
  /** Reads the token of an agent's capability; absent for the machine's user. */
  proof?: () => string;
  /** By the machine's user: which session is meant. */
  session?: string;
  /** Told each time that the node cannot be reached: somebody may start it. */
  absent?: (error: SkeinError) => void;
}

export class NodeCaller {
  readonly #calling: Calling;
  readonly #away: number;
  #client: Promise<Client> | undefined;
  #calls = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(calling: Calling, away = AWAY_MS) {
    this.#calling = calling;
    this.#away = away;
  }

  /** Rejects only when `signal` ends the wait. */
  async call(name: string, input: unknown, signal: AbortSignal): Promise<ToolAnswer> {
    const { session } = this.#calling;
    const call = { call: newId() + newId(), name, input, ...(session === undefined ? {} : { session }) };
    const deadline = performance.now() + this.#away;
    clearTimeout(this.#idle);
    this.#calls += 1;
    try {
      for (let pause = PAUSE_MS; ; pause = Math.min(pause * 2, MOST_PAUSE_MS)) {
        try {
          return await until(signal, this.#ask(call));
        } catch (thrown) {
          const error = SkeinError.from(thrown);
          if (signal.aborted) {
            // The node, too, need not go on with it. Where others are called beside it, it comes to its own end there.
            if (this.#calls === 1) this.#hangUp();
            throw error;
          }
          if (!PASSING.includes(error.code) || this.#closed) return refused(error);
          if (performance.now() >= deadline) return away(error);
          await until(signal, new Promise((resolve) => setTimeout(resolve, pause)));
        }
      }
    } finally {
      this.#calls -= 1;
      if (this.#calls === 0) this.#idle = setTimeout(() => this.#hangUp(), IDLE_MS).unref();
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#idle);
    this.#hangUp();
  }

  async #ask(call: ToolCall): Promise<ToolAnswer> {
    this.#client ??= this.#connect();
    const mine = this.#client;
    try {
      const client = await mine;
      return await client.ask('tool', call);
    } catch (error) {
      // Nothing comes of a client any more that has given up.
      if (this.#client === mine && PASSING.includes(SkeinError.from(error).code)) this.#client = undefined;
      throw error;
    }
  }

  async #connect(): Promise<Client> {
    const { home, proof, absent } = this.#calling;
    const open = webSocket(nodeSocket(home), proof === undefined ? '/' : '/agent');
    return await Client.connect({
      connect: async (events) => {
        try {
          return await open(events);
        } catch (error) {
          absent?.(SkeinError.from(error));
          throw error;
        }
      },
      ...{ name: 'skein mcp', version: VERSION, retryFor: this.#away },
      ...(proof === undefined ? {} : { proof: proof() }),
    });
  }

  #hangUp(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.then(
      (one) => one.close(),
      () => {},
    );
  }
}

function refused({ code, message, data }: SkeinError): ToolAnswer {
  return { ok: false, code, message, ...(data === undefined ? {} : { data }) };
}

function away({ code }: SkeinError): ToolAnswer {
  const message =
    'No node of Skein answers on this machine, so nothing is known of what was called. Go on without, and try again later.';
  return { ok: false, code, message };
}

/** What comes of it, unless `signal` ends the wait first. */
function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(new SkeinError('timeout', 'The call was cancelled.'));
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    const over = () => signal.removeEventListener('abort', leave);
    work.then(resolve, reject).finally(over);
  });
}
