/** The real `skein` in a home of its own, as a person would use it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { destroyHome, makeHome } from './home.ts';

const BUNDLE = process.env.SKEIN_TEST_CLI ?? join(import.meta.dirname, '../../packages/cli/dist/skein.cjs');

/** Milliseconds after which a command that should have ended is ended: nothing else would tell while this thread waits for it. */
const LIMIT = { timeout: 180_000, killSignal: 'SIGKILL' } as const;

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

export class Skein {
  /** The words before it: where it runs, if not here. */
  readonly under: readonly string[];
  readonly home = makeHome();
  /** The build in use; another one takes over from it in the same home. */
  bundle = BUNDLE;
  readonly env: NodeJS.ProcessEnv = {
    ...process.env,
    LANG: 'C.UTF-8',
    SKEIN_HOME: this.home,
    NO_COLOR: '1',
    PS1: '$ ',
  };

  constructor(under: readonly string[] = []) {
    this.under = under;
  }

  /** The words that a shell would need to start it. */
  get command(): string {
    return `SKEIN_HOME='${this.home}' ${[...this.under, process.execPath, this.bundle].map((word) => `'${word}'`).join(' ')}`;
  }

  /** Its program and all its words. */
  words(...args: string[]): [string, string[]] {
    const [program = '', ...rest] = [...this.under, process.execPath, this.bundle, ...args];
    return [program, rest];
  }

  /** Runs it and returns what it printed; throws when it fails. */
  run(...args: string[]): string {
    return execFileSync(...this.words(...args), {
      env: this.env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      ...LIMIT,
    });
  }

  json<T>(...args: string[]): T {
    return JSON.parse(this.run(...args, '--json')) as T;
  }

  /** Runs it however it ends. */
  try(args: string[], options: { input?: string; env?: NodeJS.ProcessEnv } = {}): Outcome {
    const { status, stdout, stderr } = spawnSync(...this.words(...args), {
      env: { ...this.env, ...options.env },
      input: options.input ?? '',
      encoding: 'utf8',
      ...LIMIT,
    });
    return { status, stdout, stderr };
  }

  /** The same, while this process goes on, as it must where what it runs speaks with it. */
  async later(args: string[], options: { input?: string } = {}): Promise<Outcome> {
    const child = spawn(...this.words(...args), { env: this.env, stdio: 'pipe' });
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { status, stdout, stderr };
  }

  /** Ends every program, host and node, and removes the home. */
  destroy(): void {
    this.try(['down', '--kill']);
    destroyHome(this.home);
  }
}
