/** `skein attach` to a counting program, in a terminal of the test's own: what it shows, by when, and what is typed into it. */
import { spawn } from 'node-pty';
import type { Skein } from './cli.ts';
import { kill } from './processes.ts';

/** What separates words on a screen: ends of lines, and whatever moves the cursor or colours. */
const BETWEEN = /[\r\n]|\x1b\[[0-9;?]*[A-Za-z]|\x1b[78=>]/;

const live = new Set<number>();
process.once('exit', () => {
  for (const pid of live) kill(pid);
});

export class Attached {
  readonly #pty: ReturnType<typeof spawn>;
  readonly #ended: Promise<unknown>;
  #rest = '';
  /** The highest number that was ever shown. */
  shown = -1;
  /** performance.now() when the status line was shown last. */
  cutAt = Number.NEGATIVE_INFINITY;
  /** All that was typed. */
  typed = '';
  #words = 0;
  over = false;
  #waiting: { number: number; resolve: (at: number) => void }[] = [];

  /** `env` beside the home's own. */
  constructor(skein: Skein, ref: string, env: Record<string, string> = {}) {
    const [program, words] = skein.words('attach', ref);
    const all = { ...skein.env, TERM: 'xterm-256color', ...env } as Record<string, string>;
    this.#pty = spawn(program, words, { cols: 80, rows: 24, env: all, encoding: null });
    const { pid } = this.#pty;
    live.add(pid);
    this.#pty.onData((data) => this.#take(data.toString('latin1')));
    this.#ended = new Promise((resolve) => this.#pty.onExit(resolve)).then(() => {
      this.over = true;
      live.delete(pid);
    });
  }

  /** Types a word of its own. */
  type(): void {
    const word = `w${++this.#words} `;
    this.typed += word;
    this.#pty.write(word);
  }

  /** Resolves with performance.now() when a number from this one on is shown. */
  until(number: number): Promise<number> {
    if (this.shown >= number) return Promise.resolve(performance.now());
    return new Promise((resolve) => this.#waiting.push({ number, resolve }));
  }

  /** What was shown last, for a message. */
  get last(): string {
    return this.#recent;
  }
  #recent = '';

  async stop(): Promise<void> {
    if (!this.over) kill(this.#pty.pid);
    await this.#ended;
  }

  #take(text: string): void {
    this.#recent = `${this.#recent}${text}`.slice(-2_000);
    if (text.includes('cut off for')) this.cutAt = performance.now();
    const words = `${this.#rest}${text}`.split(BETWEEN);
    this.#rest = (words.pop() ?? '').slice(-200);
    for (const word of words) if (/^\d{1,9}$/.test(word)) this.shown = Math.max(this.shown, Number(word));
    const now = performance.now();
    for (const one of this.#waiting.splice(0)) {
      if (this.shown >= one.number) one.resolve(now);
      else this.#waiting.push(one);
    }
  }
}
