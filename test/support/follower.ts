/** A `skein … --follow` of one's own: what it printed so far, for as long as it runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Skein } from './cli.ts';

const live = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of live) child.kill('SIGKILL');
});

export class Follower {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  /** What it wrote to stderr. */
  errors = '';

  /** Runs a command and hands over what it prints. */
  constructor(
    skein: Skein,
    words: readonly string[],
    take: (bytes: Uint8Array) => void,
    env: Record<string, string> = {},
  ) {
    const [program, rest] = skein.words(...words);
    this.#child = spawn(program, rest, { env: { ...skein.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    live.add(this.#child);
    this.#child.stdout?.on('data', take);
    this.#child.stderr?.on('data', (chunk) => {
      this.errors += chunk;
    });
    this.#ended = once(this.#child, 'close').then(() => live.delete(this.#child));
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Its exit status; null where the signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    if (this.running) this.#child.kill(signal);
    await this.#ended;
    return this.#child.exitCode;
  }
}

/** Whole lines out of pieces. */
export function byLine(take: (line: string) => void): (bytes: Uint8Array) => void {
  let rest = '';
  return (bytes) => {
    const lines = `${rest}${Buffer.from(bytes).toString('utf8')}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  };
}
