/** A real agent process that speaks JSON a line over stdin and stdout: sent, awaited, and kept with times. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Json, object } from '../model/json.ts';

/** One line on the wire; `text` where it is no JSON. */
export interface Line {
  /** Since the process was started. */
  ms: number;
  from: 'client' | 'agent' | 'stderr';
  frame?: Json;
  text?: string;
}

export interface Launch {
  command: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
}

/** How long an agent may take for any one thing, in ms; they load for seconds on a busy machine. */
export const PATIENCE = 60_000;

export class Wire {
  readonly lines: Line[] = [];
  exit: { code: number | null; signal: string | null } | undefined;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly began = performance.now();
  private readonly watchers = new Set<() => void>();
  private next = 0;

  constructor({ command, args, cwd, env }: Launch) {
    // A group of its own, so that what it starts goes with it.
    this.child = spawn(command, args, { cwd, env, stdio: 'pipe', detached: true });
    createInterface({ input: this.child.stdout }).on('line', (text) => this.keep('agent', text));
    createInterface({ input: this.child.stderr }).on('line', (text) => this.keep('stderr', text));
    this.child.stdin.on('error', () => {});
    const end = (code: number | null, signal: string | null) => {
      this.exit = { code, signal };
      this.wake();
    };
    this.child.on('error', (error) => {
      this.keep('stderr', String(error));
      end(null, null);
    });
    this.child.on('close', end);
  }

  send(frame: Json): void {
    this.keep('client', JSON.stringify(frame));
    this.child.stdin.write(`${JSON.stringify(frame)}\n`);
  }

  /** The first frame of the agent not yet passed that `wanted` takes; those before it are passed over, but kept. */
  async until<T>(what: string, wanted: (frame: Json) => T | undefined): Promise<T> {
    const deadline = performance.now() + PATIENCE;
    for (;;) {
      while (this.next < this.lines.length) {
        const line = this.lines[this.next++];
        const found = line?.from === 'agent' ? wanted(line.frame ?? {}) : undefined;
        if (found !== undefined) return found;
      }
      if (this.exit !== undefined || performance.now() > deadline) {
        const why = this.exit === undefined ? 'nothing came' : `it ended ${JSON.stringify(this.exit)}`;
        throw new Error(`waiting for ${what}: ${why}\n${this.tail()}`);
      }
      await this.change(deadline);
    }
  }

  /** Waits for something else, as patiently, and not for a process that is no more. */
  async unlessItEnds(what: string, event: Promise<void>): Promise<void> {
    let happened = false;
    const done = event.then(() => {
      happened = true;
      this.wake();
    });
    const deadline = performance.now() + PATIENCE;
    while (!happened) {
      if (this.exit !== undefined || performance.now() > deadline) {
        throw new Error(
          `waiting for ${what}: ${JSON.stringify(this.exit ?? 'it did not happen')}\n${this.tail()}`,
        );
      }
      await Promise.race([done, this.change(deadline)]);
    }
  }

  /** Resolves when the process has ended and all it said is kept. */
  async over(): Promise<void> {
    if (this.exit === undefined) await once(this.child, 'close');
  }

  /** Calls `react` for every frame of the agent, from the first. */
  watch(react: (frame: Json) => void): void {
    let seen = 0;
    const look = () => {
      while (seen < this.lines.length) {
        const line = this.lines[seen++];
        if (line?.from === 'agent' && line.frame !== undefined) react(line.frame);
      }
    };
    this.watchers.add(look);
    look();
  }

  /** Ends its stdin, and after `grace` ms the process with all that it started. */
  async stop(grace = 3_000): Promise<void> {
    this.child.stdin.end();
    const timer = setTimeout(() => this.kill(), grace);
    await this.over();
    clearTimeout(timer);
    this.kill();
  }

  /** As a crash would: at once, with all that it started. */
  kill(): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // All of the group are gone.
    }
  }

  private keep(from: Line['from'], text: string): void {
    const ms = Math.round(performance.now() - this.began);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // Not every line is JSON.
    }
    const isFrame = from !== 'stderr' && typeof value === 'object' && value !== null;
    this.lines.push(isFrame ? { ms, from, frame: object(value) } : { ms, from, text });
    this.wake();
  }

  private wake(): void {
    for (const watcher of [...this.watchers]) watcher();
  }

  private change(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.watchers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, deadline - performance.now()));
      this.watchers.add(done);
    });
  }

  private tail(): string {
    return this.lines
      .slice(-12)
      .map((line) => `${line.ms} ${line.from} ${(line.text ?? JSON.stringify(line.frame)).slice(0, 600)}`)
      .join('\n');
  }
}
