/** The real `skein` in a home of its own, as a person would use it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { destroyHome, makeHome } from './home.ts';

const BUNDLE = process.env.SKEIN_TEST_CLI ?? join(import.meta.dirname, '../../packages/cli/dist/skein.cjs');

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

export class Skein {
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

  /** The words that a shell would need to start it. */
  get command(): string {
    return `SKEIN_HOME='${this.home}' '${process.execPath}' '${this.bundle}'`;
  }

  /** Runs it and returns what it printed; throws when it fails. */
  run(...args: string[]): string {
    return execFileSync(process.execPath, [this.bundle, ...args], {
      env: this.env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  json<T>(...args: string[]): T {
    return JSON.parse(this.run(...args, '--json')) as T;
  }

  /** Runs it however it ends. */
  try(args: string[], options: { input?: string; env?: NodeJS.ProcessEnv } = {}): Outcome {
    const { status, stdout, stderr } = spawnSync(process.execPath, [this.bundle, ...args], {
      env: { ...this.env, ...options.env },
      input: options.input ?? '',
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  /** Ends every program, host and node, and removes the home. */
  destroy(): void {
    this.try(['down', '--kill']);
    destroyHome(this.home);
  }
}
