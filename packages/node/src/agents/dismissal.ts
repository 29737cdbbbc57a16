/** Ends the process of an agent that cannot be driven; what follows is for its restart policy to say (rule A6). */
import type { HostPool } from '../hosts/pool.ts';

/** Milliseconds that it has to end by itself. */
const GRACE_MS = 3_000;

export class Dismissal {
  readonly #hosts: HostPool;
  readonly #host: string;
  readonly #run: string;
  #kill: NodeJS.Timeout | undefined;

  constructor(hosts: HostPool, host: string, run: string) {
    this.#hosts = hosts;
    this.#host = host;
    this.#run = run;
  }

  /** Asks it to end, and ends it when it has not; once, however often this is called. */
  begin(): void {
    if (this.#kill !== undefined) return;
    this.#kill = setTimeout(() => void this.#signal('SIGKILL'), GRACE_MS).unref();
    void this.#signal('SIGTERM');
  }

  stop(): void {
    clearTimeout(this.#kill);
  }

  async #signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    try {
      await this.#hosts.get(this.#host).request('signal', { run: this.#run, signal });
    } catch {
      // It has ended, or its host has, and is told of as any other's.
    }
  }
}
