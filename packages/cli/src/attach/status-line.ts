/** A line over the terminal's last row while the connection is cut: what is the matter, for how long, what was typed. */
import { visible } from '@skein/protocol/text/words';
import { columns, fitted } from '../chat/model/width.ts';
import type { UserTerminal } from './user-terminal.ts';

/** Milliseconds before a cut is told: a node that restarts is back sooner. */
const PATIENCE_MS = 300;
const TICK_MS = 1_000;

export class StatusLine {
  readonly #terminal: UserTerminal;
  readonly #name: string;
  readonly #leave: string;
  #since: number | undefined;
  #why = '';
  #kept = 0;
  #refused = false;
  #shown = false;
  #timer: NodeJS.Timeout | undefined;

  /** `leave`: the keys that detach, as the user knows them. */
  constructor(terminal: UserTerminal, name: string, leave: string) {
    this.#terminal = terminal;
    this.#name = name;
    this.#leave = leave;
  }

  /** The connection is gone, and so many bytes that were typed wait for it. */
  cut(kept: number): void {
    if (this.#since !== undefined) return;
    this.#since = performance.now();
    this.#kept = kept;
    this.#refused = false;
    this.#why = '';
    this.#timer = setTimeout(() => this.#tick(), PATIENCE_MS);
  }

  /** Why the last try to have it again failed. */
  because(why: string): void {
    this.#why = why;
  }

  typed(kept: number, refused: boolean): void {
    this.#kept = kept;
    if (refused) this.#terminal.out.write(Buffer.from('\x07'));
    this.#refused ||= refused;
    if (this.#shown) this.#show();
  }

  /** Nothing comes back: the line is taken away. */
  end(): void {
    if (this.#shown && this.#terminal.out.pending === 0)
      this.#terminal.out.write(Buffer.from(`\x1b7\x1b[${this.#terminal.size.rows};1H\x1b[0m\x1b[K\x1b8`));
    this.mended();
  }

  /** It is back; what the line covered is painted anew with the screen. */
  mended(): void {
    clearTimeout(this.#timer);
    this.#since = undefined;
    this.#shown = false;
  }

  #tick(): void {
    this.#shown = true;
    this.#show();
    this.#timer = setTimeout(() => this.#tick(), TICK_MS);
  }

  #show(): void {
    if (this.#since === undefined || this.#terminal.out.pending > 0) return;
    const { cols, rows } = this.#terminal.size;
    const seconds = Math.round((performance.now() - this.#since) / 1000);
    const line = lineOf({
      name: this.#name,
      seconds,
      kept: this.#kept,
      refused: this.#refused,
      leave: this.#leave,
      why: this.#why,
    });
    const text = fitted(line, cols);
    const blank = ' '.repeat(cols - columns(text));
    this.#terminal.out.write(Buffer.from(`\x1b7\x1b[${rows};1H\x1b[0;7m${text}${blank}\x1b[0m\x1b8`));
  }
}

interface Told {
  name: string;
  seconds: number;
  kept: number;
  refused: boolean;
  leave: string;
  why: string;
}

/** The line's words, the most important first: the end is cut off where the terminal is narrow. */
export function lineOf({ name, seconds, kept, refused, leave, why }: Told): string {
  const parts = [`${name}: cut off for ${seconds} s, trying again`];
  const typed = kept === 1 ? '1 byte typed waits' : `${kept} bytes typed wait`;
  if (refused) parts.push(`${typed}, no more are taken`);
  else if (kept > 0) parts.push(typed);
  parts.push(`${leave} leaves`);
  if (why !== '') parts.push(why);
  // The reason may be another node's own words.
  return visible(` ${parts.join(' · ')} `);
}
