/** One agent, as a program uses it: told something, listened to, stopped. */
import type { PromptPartGiven } from '@skein/protocol/agents/commands';
import { type AgentState, type Doing, doing } from '@skein/protocol/agents/state';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { Turn } from './turn.ts';

/** Milliseconds that a process has to end by itself. */
const GRACE_MS = 5_000;

export class SkeinAgent {
  readonly #client: Client;
  /** Ids of its session and of itself; they stay the same for as long as it is there. */
  readonly session: string;
  readonly id: string;

  constructor(client: Client, session: string, id: string) {
    this.#client = client;
    this.session = session;
    this.id = id;
  }

  /** What is known of it now, and what it does in one word. Throws `not_found` once it is removed. */
  async state(): Promise<AgentState & { doing: Doing }> {
    const session = await this.#client.ask('session', { ref: this.session });
    const state = session.agents[this.id];
    if (state === undefined)
      throw new SkeinError('not_found', `This agent of "${session.name}" was removed.`);
    return { ...state, doing: doing(state, session) };
  }

  /**
   * Puts a prompt at the end of its queue, once, whatever becomes of the connection, and behind those that were given before, waited for
   * or not. What comes of it is iterated over, until its turn has ended; or read whole: `await agent.prompt('…').text()`.
   */
  prompt(what: string | PromptPartGiven[]): Turn {
    const parts = typeof what === 'string' ? [{ type: 'text' as const, text: what }] : what;
    return new Turn(this.#client, this.session, this.id, parts);
  }

  /** Ends the turn that runs; the next prompt of its queue begins. */
  async cancel(): Promise<void> {
    await this.#client.command(`session/${this.session}`, 'turn.cancel', { agent: this.id });
  }

  /** Ends its process, after `grace` milliseconds by force. It is not started again by itself. */
  async stop(grace = GRACE_MS): Promise<void> {
    await this.#client.command(`session/${this.session}`, 'agent.stop', { agent: this.id, grace });
  }
}
