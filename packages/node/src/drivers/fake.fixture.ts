/** Agents made of nothing but their protocol, for the contract: each plays the same little scripts in its own tongue. */

import type { Input } from './driver.ts';

/** One thing that an agent does in a turn. */
export type FakeStep =
  | { do: 'think'; text: string }
  | { do: 'say'; text: string }
  /** Writes a file. `silent`: without ever having announced it. `ask`: only when it is allowed to. */
  | { do: 'write'; call: string; path: string; content: string; ask?: boolean; silent?: boolean }
  /** Has the node read a file, or write this text to it, and says what it was answered. */
  | { do: 'file'; path: string; text?: string }
  /** Goes on only when it is cancelled. */
  | { do: 'hang' }
  /** Sends messages, and asks for something, that no client can know. */
  | { do: 'strange' }
  | { do: 'fail' }
  /** Prints this, whatever it is. */
  | { do: 'print'; line: string }
  /** Says this only after it has reported the end of the turn. */
  | { do: 'late'; text: string };

export interface FakeScript {
  /** What it does at each prompt, in turn. */
  turns: FakeStep[][];
  /** Its own name for the session. */
  session: string;
  /** What it tells of the past when a session is loaded: what people said, and what it answered. */
  history?: { prompt: string; reply: string }[];
}

export interface FakeAgent {
  /** What it prints before it is told anything. */
  begin?(): string[];
  /** The lines that it prints on receiving this one. */
  receive(line: string): string[];
  /** What one of its lines is, where it is not output. */
  input?(line: string): Input | undefined;
}

/** What a turn waits for: an answer with this id, or being cancelled. */
export type Awaited = { answer: string | number } | 'cancel';
export type Said = { print: unknown } | { wait: Awaited };
/** What it is told then. */
export type Reply = { answer: unknown } | 'cancelled' | undefined;

/** Plays turns that are generators: they print, and wait for an answer or for being cancelled. */
export class FakeTurns {
  #running: Generator<Said, void, Reply> | undefined;
  #waiting: Awaited | undefined;

  /** It waits for an answer. */
  get asking(): boolean {
    return typeof this.#waiting === 'object';
  }

  begin(turn: Generator<Said, void, Reply>): string[] {
    this.#running = turn;
    return this.#advance(undefined);
  }

  answer(id: unknown, answer: unknown): string[] {
    const waiting = this.#waiting;
    const matches = typeof waiting === 'object' && waiting.answer === id;
    return matches ? this.#advance({ answer }) : [];
  }

  cancel(): string[] {
    return this.#waiting === undefined ? [] : this.#advance('cancelled');
  }

  #advance(reply: Reply): string[] {
    this.#waiting = undefined;
    const printed: string[] = [];
    for (let told = reply; ; told = undefined) {
      const next = this.#running?.next(told);
      if (next === undefined || next.done) {
        this.#running = undefined;
        return printed;
      }
      if ('wait' in next.value) {
        this.#waiting = next.value.wait;
        return printed;
      }
      const { print } = next.value;
      printed.push(typeof print === 'string' ? print : JSON.stringify(print));
    }
  }
}

/** A text as it is streamed: in two pieces. */
export function halves(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter((half) => half !== '');
}
