/** A node's process under test: started, killed, started again in the same home. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NODE_FLAGS, PASSING_MALLOC } from '@skein/node/flags';
import { kill, within } from './processes.ts';

const ROOT = dirname(dirname(import.meta.dirname));

/** The build under test; SKEIN_TEST_DIST names another. */
export const DIST = process.env.SKEIN_TEST_DIST ?? join(ROOT, 'packages/node/dist');

const READY_MS = 20_000;

/** Ended with the tests, however those end. */
const live = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of live) child.kill('SIGKILL');
});

interface LaunchOptions {
  /** A program and its words to run the node under. */
  under?: readonly string[];
  env?: Record<string, string>;
}

export class NodeProcess {
  readonly home: string;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  #said = '';
  #errors = '';

  private constructor(home: string, { under = [], env = {} }: LaunchOptions) {
    this.home = home;
    const [program, ...words] = [
      ...under,
      process.execPath,
      ...NODE_FLAGS,
      join(DIST, 'node.cjs'),
      '--home',
      home,
    ];
    this.child = spawn(program as string, words, {
      cwd: '/',
      env: { PATH: process.env.PATH, HOME: process.env.HOME, LANG: 'C.UTF-8', ...PASSING_MALLOC, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stderr?.on('data', (chunk) => {
      this.#errors = `${this.#errors}${chunk}`.slice(-4000);
    });
    this.child.stdout?.on('data', (chunk) => {
      this.#said += chunk;
    });
    // Not `close`: a host that it started may hold its pipes.
    live.add(this.child);
    this.ended = once(this.child, 'exit').then(() => void live.delete(this.child));
  }

  /** Starts a process and does not wait for it. */
  static launch(home: string, options: LaunchOptions = {}): NodeProcess {
    if (!existsSync(join(DIST, 'node.cjs'))) throw new Error('there is no build: npm run build');
    return new NodeProcess(home, options);
  }

  static async start(home: string, options: LaunchOptions = {}): Promise<NodeProcess> {
    const node = NodeProcess.launch(home, options);
    await node.ready();
    return node;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** What it printed, both ways, for a message. */
  get said(): string {
    return `${this.#said}${this.#errors}`.trim();
  }

  /** Resolves once it serves; rejects with what it said when it ends instead. */
  async ready(): Promise<void> {
    const told = new Promise<void>((resolve, reject) => {
      const look = () => {
        if (this.#said.startsWith('ready\n')) resolve();
      };
      look();
      this.child.stdout?.on('data', look);
      void this.ended.then(() => reject(new Error(`the node ended: ${this.said}`)));
    });
    await within(READY_MS, 'the node is ready', told);
  }

  /** SIGKILL, and waits until it is gone. */
  async kill(): Promise<void> {
    if (this.running) this.child.kill('SIGKILL');
    await this.ended;
    this.#letGo();
  }

  /** Asks it to end and waits for that. */
  async stop(): Promise<void> {
    if (this.running) kill(this.pid, 'SIGTERM');
    await within(READY_MS, 'the node ends when asked to', this.ended);
    this.#letGo();
  }

  #letGo(): void {
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
  }
}
