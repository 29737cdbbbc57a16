/** Follows one session's agents for a test: waits for what is told of them, never for time. */
import { type AgentState, type Agents, NO_AGENTS, reduceAgents } from '@skein/protocol/agents/state';
import { emptyTranscript, reduceTranscript, type Transcript } from '@skein/protocol/agents/transcript';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import type { SessionEvents, StoredEvent } from '@skein/protocol/sessions/events';
import { within } from './processes.ts';

/** Milliseconds for an agent to do anything at all. */
const PATIENCE_MS = 20_000;

export class AgentWatch {
  readonly client: Client;
  readonly session: string;
  readonly events: StoredEvent[] = [];
  agents: Agents = NO_AGENTS;
  transcript: Transcript = emptyTranscript();
  readonly #waiting = new Set<() => void>();

  constructor(client: Client, session: string) {
    this.client = client;
    this.session = session;
    void this.#follow().catch(() => {});
  }

  get agent(): AgentState {
    const [agent] = Object.values(this.agents.agents);
    if (agent === undefined) throw new Error('there is no agent');
    return agent;
  }

  of<K extends keyof SessionEvents>(type: K): SessionEvents[K][] {
    return this.events.filter((event) => event.type === type).map(({ body }) => body as SessionEvents[K]);
  }

  /** Resolves once it is so; rejects with what there was instead. */
  async until(what: string, so: (watch: this) => boolean): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      const look = () => {
        if (!so(this)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
    await within(PATIENCE_MS, what, seen).catch(async (error: Error) => {
      const types = this.events.map(({ type, body }) => `${type} ${JSON.stringify(body).slice(0, 160)}`);
      const { data } = await this.client.ask('screen', { ref: this.session, form: 'text' });
      throw new Error(`${error.message}; the log has\n${types.join('\n')}\nand the screen shows\n${data}`);
    });
  }

  async prompt(text: string): Promise<string> {
    const prompt = newId();
    const parts = [{ type: 'text' as const, text }];
    await this.client.command(`session/${this.session}`, 'prompt.queue', {
      agent: this.agent.agent,
      prompt,
      parts,
    });
    return prompt;
  }

  async #follow(): Promise<void> {
    const stream = `session/${this.session}`;
    for await (const page of this.client.subscribe({ stream, from: { offset: 0 }, follow: true })) {
      for (const [i, event] of page.events.entries()) {
        this.events.push(event);
        this.agents = reduceAgents(this.agents, event, page.first + i);
        this.transcript = reduceTranscript(this.transcript, event);
      }
      for (const look of [...this.#waiting]) look();
    }
  }
}
