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

  private constructor(program: string, place: string) {
    this.#child = spawn(process.execPath, [join(import.meta.dirname, program), place], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#ended = once(this.#child, 'exit');
    this.#lines = createInterface({ input: this.#child.stdout });
  }

  /** `place` is a node's home, or what else the program takes for that. */
  static async start(place: string, program = 'honest.ts'): Promise<HonestClient> {
    const client = new HonestClient(program, place);
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
