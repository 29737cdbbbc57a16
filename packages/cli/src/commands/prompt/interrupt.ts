/** C-c while a prompt is waited for: takes it back, or cancels its turn; pressed again it only leaves (rule A4). */
import { type FoundAgent, streamOf } from '../../agents/open.ts';
import { CANCELLED } from '../../agents/reply.ts';

export class Interrupt {
  readonly #found: FoundAgent;
  readonly #prompt: string;
  readonly #pressed = () => this.press();
  #turn: string | undefined;
  #wanted = false;
  /** It could not be taken back: its turn has begun, and is cancelled once it is known which that is. */
  #late = false;

  constructor(found: FoundAgent, prompt: string) {
    this.#found = found;
    this.#prompt = prompt;
    process.on('SIGINT', this.#pressed);
  }

  /** Which turn it is, once it has begun. */
  turn(turn: string | undefined): void {
    if (turn === this.#turn) return;
    this.#turn = turn;
    if (this.#late) this.#cancel();
  }

  stop(): void {
    process.off('SIGINT', this.#pressed);
  }

  press(): void {
    if (this.#wanted) process.exit(CANCELLED);
    this.#wanted = true;
    if (this.#turn !== undefined) return this.#cancel();
    const { client, session, agent } = this.#found;
    const body = { agent: agent.agent, prompt: this.#prompt };
    client.command(streamOf(session), 'prompt.cancel', body).catch(() => {
      this.#late = true;
      if (this.#turn !== undefined) this.#cancel();
    });
  }

  #cancel(): void {
    const { client, session, agent } = this.#found;
    const turn = this.#turn;
    const body = { agent: agent.agent, ...(turn === undefined ? {} : { turn }) };
    // What was over already needs no cancelling: its end is on its way.
    client.command(streamOf(session), 'turn.cancel', body).catch(() => {});
  }
}
