/** What a chat does to a session: its commands, and the handing over of what is too long for one. */
import { handOver } from '@skein/client/hand-over';
import { inOrder } from '@skein/client/in-order';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import type { Commands } from '@skein/protocol/sessions/commands';

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
    await this.#say('prompt.queue', { agent, prompt }, text, files);
  }

  async edit(agent: string, prompt: string, text: string): Promise<void> {
    await this.#say('prompt.edit', { agent, prompt }, text, []);
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

  #say(
    type: 'prompt.queue' | 'prompt.edit',
    prompt: { agent: string; prompt: string },
    text: string,
    files: readonly string[],
  ): Promise<unknown> {
    const named = files.map((path) => ({ type: 'file' as const, path }));
    const parts = text === '' ? named : [{ type: 'text' as const, text }, ...named];
    // As they were given: a long one is handed over in pieces first, and another would come before it.
    return inOrder(this, 'prompts', () =>
      handOver(this.#client, this.#session, parts, (given) =>
        this.#command(type, { ...prompt, parts: given }),
      ),
    );
  }
}
