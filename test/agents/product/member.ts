/** One agent of a session, led as a person would lead it; every wait is for an event. */
import type { PromptPartGiven } from '@skein/protocol/agents/commands';
import type { AgentState } from '@skein/protocol/agents/state';
import {
  emptyTranscript,
  reduceTranscript,
  type ToolItem,
  type Transcript,
  type Turn,
} from '@skein/protocol/agents/transcript';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import { printSteps, type Step } from '../../model/marker.ts';
import type { Log, Seen } from './log.ts';

export class Member {
  readonly log: Log;
  readonly id: string;
  /** As the command line calls it. */
  readonly ref: string;
  readonly #client: Client;

  constructor(client: Client, log: Log, id: string, ref: string) {
    this.#client = client;
    this.log = log;
    this.id = id;
    this.ref = ref;
  }

  // What a person does.

  /** Queues a prompt; resolves with its id. */
  async prompt(...steps: Step[]): Promise<string> {
    const prompt = newId();
    const parts: PromptPartGiven[] = [{ type: 'text', text: printSteps(steps) }];
    await this.#client.command(this.#target, 'prompt.queue', { agent: this.id, prompt, parts });
    return prompt;
  }

  answer(approval: string, answer: 'allow' | 'deny', reason?: string): Promise<unknown> {
    const body = { approval, answer, always: false, ...(reason === undefined ? {} : { reason }) };
    return this.#client.command(this.#target, 'approval.answer', body);
  }

  cancel(): Promise<unknown> {
    return this.#client.command(this.#target, 'turn.cancel', { agent: this.id });
  }

  restart(): Promise<unknown> {
    return this.#client.command(this.#target, 'agent.restart', {
      agent: this.id,
      run: newId(),
      fresh: false,
    });
  }

  stop(): Promise<unknown> {
    return this.#client.command(this.#target, 'agent.stop', { agent: this.id, grace: 1_000 });
  }

  /** Ends it, and waits until it has. */
  async end(): Promise<void> {
    const { run } = await this.state();
    await this.stop();
    await this.exited(run?.run);
  }

  // What a person sees.

  async state(): Promise<AgentState> {
    const { agents } = await this.#client.ask('session', { ref: this.log.session });
    const state = agents[this.id];
    if (state === undefined) throw new Error('the agent is not in its session');
    return state;
  }

  /** The session's events that are of this agent. */
  get events(): Seen[] {
    return this.log.events.filter(({ body }) => body.agent === this.id || this.#ran(body.run));
  }

  /** All its runs together. */
  get transcript(): Transcript {
    return this.events.reduce(reduceTranscript, emptyTranscript());
  }

  turn(prompt: string): Turn {
    const found = this.transcript.turns.find((one) => one.prompt === prompt);
    if (found === undefined) throw new Error(`no turn of prompt ${prompt}\n${this.log.tail()}`);
    return found;
  }

  /** What it said in the turn of a prompt, message by message. */
  said(prompt: string): string[] {
    return messagesOf(this.turn(prompt), 'agent');
  }

  calls(prompt: string): ToolItem[] {
    return this.turn(prompt).items.filter((item) => item.type === 'tool');
  }

  // What a person waits for.

  /** It may be given prompts; with `after` in a run later than that. */
  async ready(after?: string): Promise<void> {
    const runs = () => this.events.flatMap(({ type, body }) => (type === 'agent.starting' ? [body.run] : []));
    const later = (run: string) => after === undefined || runs().indexOf(run) > runs().indexOf(after);
    await this.#event('it is ready', 'agent.ready', ({ run }) => later(run));
  }

  /** The end of a run, or of the first. */
  async exited(run?: string): Promise<void> {
    await this.#event('its end', 'agent.exited', (body) => run === undefined || body.run === run);
  }

  /** It will be started again. */
  async rests(): Promise<void> {
    await this.log.until('its rest', ({ type, body }) => type === 'agent.resting' && body.agent === this.id);
  }

  fault(): Promise<Seen['body']> {
    return this.#event('a fault', 'agent.fault', () => true);
  }

  /** A question that its turn of a prompt asks. */
  async asked(prompt: string): Promise<string> {
    const { turn, run } = await this.#begun(prompt);
    const mine = (body: Seen['body']) => body.turn === turn && body.run === run;
    return (await this.#event('a question', 'approval.asked', mine)).approval;
  }

  /** A question about something, whoever gave the prompt. */
  async askedAbout(words: string): Promise<string> {
    const about = (body: Seen['body']) => JSON.stringify(body).includes(words);
    return (await this.#event(`a question about ${words}`, 'approval.asked', about)).approval;
  }

  /** In the turn of a prompt it has said `words`, among others. */
  async hears(prompt: string, words: string): Promise<void> {
    await this.#begun(prompt);
    await this.#event('what it says', 'message.delta', () => this.said(prompt).join().includes(words));
  }

  /** How the turn of a prompt ended. */
  async ended(prompt: string): Promise<string> {
    const { turn, run } = await this.#begun(prompt);
    const its = (body: Seen['body']) => body.turn === turn && body.run === run;
    return (await this.#event('the end of its turn', 'turn.ended', its)).reason;
  }

  #begun(prompt: string): Promise<Seen['body']> {
    return this.#event('its turn', 'turn.started', (body) => body.prompt === prompt);
  }

  #event(what: string, wanted: string, holds: (body: Seen['body']) => boolean): Promise<Seen['body']> {
    return this.log.until(what, ({ type, body }) =>
      type === wanted && this.#ran(body.run) && holds(body) ? body : undefined,
    );
  }

  #ran(run: unknown): boolean {
    return this.log.events.some(
      ({ type, body }) => type === 'agent.starting' && body.agent === this.id && body.run === run,
    );
  }

  get #target(): string {
    return `session/${this.log.session}`;
  }
}

export function messagesOf({ items }: Turn, from: 'agent' | 'user'): string[] {
  return items.flatMap((item) => (item.type === 'message' && item.from === from ? [item.text] : []));
}
