/** What a chat does to a session: its commands, and the handing over of what is too long for one. */

import type { PromptPartGiven } from '@skein/protocol/agents/commands';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import type { Commands } from '@skein/protocol/sessions/commands';

/** Bytes of a text that still go with the command, and of a piece that is handed over before. */
const WITH_COMMAND = 128 * 1024;
const PIECE = 256 * 1024;

export type Answer = Commands['approval.answer'];

export class Actions {
  readonly #client: Client;
  readonly #session: string;

  constructor(client: Client, session: string) {
    this.#client = client;
    this.#session = session;
  }

  async prompt(
    agent: string,
    text: string,
    files: readonly string[],
    prompt: string = newId(),
  ): Promise<void> {
    const parts = await this.#parts(text, files);
    await this.#command('prompt.queue', { agent, prompt, parts });
  }

  async edit(agent: string, prompt: string, text: string): Promise<void> {
    await this.#command('prompt.edit', { agent, prompt, parts: await this.#parts(text, []) });
  }

  cancelPrompt(agent: string, prompt: string): Promise<unknown> {
    return this.#command('prompt.cancel', { agent, prompt });
  }

  /** `turn` guards against hitting the next. */
  cancelTurn(agent: string, turn: string): Promise<unknown> {
    return this.#command('turn.cancel', { agent, turn });
  }

  answer(answer: Answer): Promise<unknown> {
    return this.#command('approval.answer', answer);
  }

  say(question: string, answer: string): Promise<unknown> {
    return this.#command('question.answer', { question, answer });
  }

  choose(what: 'mode' | 'model', agent: string, value: string): Promise<unknown> {
    return what === 'mode'
      ? this.#command('agent.mode', { agent, mode: value })
      : this.#command('agent.model', { agent, model: value });
  }

  restart(agent: string, fresh: boolean): Promise<unknown> {
    return this.#command('agent.restart', { agent, run: newId(), fresh });
  }

  stop(agent: string): Promise<unknown> {
    return this.#command('agent.stop', { agent, grace: 5_000 });
  }

  #command<K extends keyof Commands>(type: K, body: Commands[K]): Promise<unknown> {
    return this.#client.command(`session/${this.#session}`, type, body);
  }

  async #parts(text: string, files: readonly string[]): Promise<PromptPartGiven[]> {
    const named = files.map((path): PromptPartGiven => ({ type: 'file', path }));
    // A letter takes three bytes at most where it takes one unit.
    if (3 * text.length <= WITH_COMMAND) return text === '' ? named : [{ type: 'text', text }, ...named];
    const bytes = new TextEncoder().encode(text);
    if (bytes.length <= WITH_COMMAND) return [{ type: 'text', text }, ...named];
    let handle: string | undefined;
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      const body = { ref: this.#session, bytes: piece, ...(handle === undefined ? {} : { handle }) };
      ({ handle } = await this.#client.ask('upload', body));
    }
    return [{ type: 'text', upload: handle ?? '' }, ...named];
  }
}
