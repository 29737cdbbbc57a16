/** What comes of one prompt: its events, as they come, until its turn has ended. */
import type { PromptPartGiven } from '@skein/protocol/agents/commands';
import { type Agents, isAlive } from '@skein/protocol/agents/state';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import type { Asks } from '@skein/protocol/sessions/asks';
import { followAgents, type SkeinEvent } from './events.ts';
import { handOver } from './hand-over.ts';
import { inOrder } from './in-order.ts';
import { Stoppable } from './stoppable.ts';

/**
 * `done` and the like as the agent says; `cancelled` also where the prompt was taken back; `refused` by the agent's driver; `lost` where
 * the agent ended before it was done.
 */
export interface TurnEnd {
  how: string;
  why?: string;
}

export class Turn implements AsyncIterable<SkeinEvent> {
  readonly prompt = newId();
  readonly #client: Client;
  readonly #session: string;
  readonly #agent: string;
  readonly #queued: Promise<Asks['session']['answer']>;
  #end: TurnEnd | undefined;

  constructor(client: Client, session: string, agent: string, parts: PromptPartGiven[]) {
    this.#client = client;
    this.#session = session;
    this.#agent = agent;
    // A long one is handed over in pieces first, and another would come before it.
    this.#queued = inOrder(client, `prompts ${session} ${agent}`, () => this.#queue(parts));
    // Told to whoever waits for it.
    this.#queued.catch(() => {});
  }

  /** How it ended; undefined before. */
  get end(): TurnEnd | undefined {
    return this.#end;
  }

  /** The events of the prompt, its turn and what that asked: all of them, each time. Throws what the prompt was refused with. */
  [Symbol.asyncIterator](): AsyncGenerator<SkeinEvent, undefined, undefined> {
    return new Stoppable((stopped) => this.#read(stopped));
  }

  async *#read(stopped: AbortSignal): AsyncGenerator<SkeinEvent, undefined, undefined> {
    const session = await this.#queued;
    const reading = new Reading(this.#agent, this.prompt);
    for await (const { event, state } of followAgents(this.#client, session, stopped)) {
      reading.look(event, state);
      this.#end ??= reading.end;
      if (reading.concerns(event)) yield event;
      if (reading.end !== undefined) return;
    }
  }

  /** All that the agent says, as one text. Throws nothing for a turn that fails: look at `end`. */
  async text(): Promise<string> {
    const said = new Map<string, string>();
    for await (const event of this) {
      if (event.type !== 'message.delta') continue;
      const { item, text, from, parent } = event.body;
      if (from === 'agent' && parent === undefined) said.set(item, (said.get(item) ?? '') + text);
    }
    return [...said.values()].join('\n');
  }

  async #queue(parts: PromptPartGiven[]): Promise<Asks['session']['answer']> {
    const session = await this.#client.ask('session', { ref: this.#session });
    await handOver(this.#client, this.#session, parts, (given) => {
      const body = { agent: this.#agent, prompt: this.prompt, parts: given };
      return this.#client.command(`session/${this.#session}`, 'prompt.queue', body);
    });
    return session;
  }
}

/** How far one reader of a prompt's events has got. */
class Reading {
  readonly #agent: string;
  readonly #prompt: string;
  #turn: { run: string; turn: string } | undefined;
  /** The questions of its turn. */
  readonly #asked = new Set<string>();
  end: TurnEnd | undefined;

  constructor(agent: string, prompt: string) {
    this.#agent = agent;
    this.#prompt = prompt;
  }

  look(event: SkeinEvent, state: Agents): void {
    const { type, body } = event;
    if (type === 'turn.started' && body.prompt === this.#prompt && body.replayed !== true)
      this.#turn = { run: body.run, turn: body.turn };
    if (type === 'approval.asked' && this.#isMine(body)) this.#asked.add(body.approval);
    if (type === 'turn.ended' && this.#isMine(body)) this.#over(body.reason, body.message);
    else if (type === 'prompt.cancelled' && body.prompt === this.#prompt)
      this.#over('cancelled', 'It was taken back.');
    else if (type === 'agent.refused' && body.id === this.#prompt) this.#over('refused', body.message);
    else this.#gone(state);
  }

  /** An agent that ends while its prompt waits may be started again; one that is not will never take it. */
  #gone({ agents }: Agents): void {
    const agent = agents[this.#agent];
    if (agent === undefined) return this.#over('lost', 'The agent was removed.');
    const [mine, now] = [this.#turn, agent.turn];
    if (mine !== undefined && (agent.run?.run !== mine.run || now?.turn !== mine.turn))
      return this.#over('lost', agent.why ?? 'The agent ended in the middle of it.');
    if (!isAlive(agent) && agent.next === null)
      this.#over('lost', agent.why ?? `The agent is ${agent.life}.`);
  }

  #over(how: string, why: string | undefined): void {
    this.end ??= why === undefined ? { how } : { how, why };
  }

  #isMine({ run, turn }: { run?: string; turn?: string | null }): boolean {
    return this.#turn !== undefined && run === this.#turn.run && turn === this.#turn.turn;
  }

  concerns({ type, body }: SkeinEvent): boolean {
    const { prompt, turn, run, approval, agent } = body as unknown as Record<string, unknown>;
    if (prompt === this.#prompt) return true;
    if (typeof approval === 'string') return this.#asked.has(approval);
    if (this.#turn !== undefined && run === this.#turn.run)
      return turn === this.#turn.turn || turn === undefined;
    return type.startsWith('agent.') && agent === this.#agent;
  }
}
