/** Starts an honest client in a process of its own and measures how long its questions take. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { within } from './processes.ts';

export class HonestClient {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;
  readonly #ended: Promise<unknown>;

  private constructor(home: string) {
    this.#child = spawn(process.execPath, [join(import.meta.dirname, 'honest.ts'), home], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#ended = once(this.#child, 'exit');
    this.#lines = createInterface({ input: this.#child.stdout });
  }

  static async start(home: string): Promise<HonestClient> {
    const client = new HonestClient(home);
    await client.#line();
    return client;
  }

  /** Milliseconds of each question asked while `work` went on. */
  async during(work: Promise<unknown>): Promise<number[]> {
    this.#child.stdin.write('begin\n');
    await work;
    const line = this.#line();
    this.#child.stdin.write('end\n');
    return JSON.parse(await line) as number[];
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }

  async #line(): Promise<string> {
    const [line] = await within(10_000, 'the honest client answers', once(this.#lines, 'line'));
    return line as string;
  }
}
