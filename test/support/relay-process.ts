/** A relay's process under test, with a key file that outlives it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { within } from './processes.ts';

const BUNDLE = join(dirname(dirname(import.meta.dirname)), 'packages/relay/dist/skein-relay.cjs');
const READY_MS = 20_000;

/** Ended with the tests, however those end. */
const live = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of live) child.kill('SIGKILL');
});

interface RelayReady {
  /** Pinned. */
  url: string;
  relay: string;
  pid: number;
}

export function makeRelayHome(): string {
  return mkdtempSync(join(tmpdir(), 'sk-relay-'));
}

export function destroyRelayHome(home: string): void {
  rmSync(home, { recursive: true, force: true });
}

export class RelayProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  /** What it logged, and what else it wrote to stderr. */
  log = '';
  /** The lines of its stdout. */
  readonly lines: string[] = [];
  ready: RelayReady = { url: '', relay: '', pid: 0 };

  private constructor(
    home: string,
    words: readonly string[],
    env: Record<string, string>,
    under: readonly string[],
  ) {
    if (!existsSync(BUNDLE)) throw new Error('there is no build: npm run build');
    const all = ['--max-semi-space-size=4', BUNDLE, '--key', join(home, 'state', 'key'), ...words];
    const [program = '', ...rest] = [...under, process.execPath, ...all];
    this.child = spawn(program, rest, {
      cwd: '/',
      env: { PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    live.add(this.child);
    this.child.stderr?.on('data', (chunk) => {
      this.log += chunk;
    });
    this.ended = once(this.child, 'close').then(([code]) => {
      live.delete(this.child);
      return code as number | null;
    });
  }

  /** Starts a process and does not wait for it. `under`: words before its own, which say where it runs. */
  static launch(
    home: string,
    words: readonly string[] = [],
    env: Record<string, string> = {},
    under: readonly string[] = [],
  ): RelayProcess {
    const relay = new RelayProcess(home, words, env, under);
    if (relay.child.stdout !== null)
      createInterface({ input: relay.child.stdout }).on('line', (line) => relay.lines.push(line));
    return relay;
  }

  static async start(
    home: string,
    words: readonly string[] = [],
    env?: Record<string, string>,
    under?: readonly string[],
  ): Promise<RelayProcess> {
    const port = words.includes('--port') ? [] : ['--port', '0'];
    const relay = RelayProcess.launch(home, ['--json', ...port, ...words], env, under);
    const told = new Promise<void>((resolve, reject) => {
      relay.child.stdout?.on('data', () => setImmediate(() => relay.lines.length > 0 && resolve()));
      void relay.ended.then(() => reject(new Error(`the relay ended: ${relay.log}`)));
    });
    await within(READY_MS, 'the relay is ready', told);
    relay.ready = JSON.parse(relay.lines[0] as string) as RelayReady;
    return relay;
  }

  get url(): string {
    return this.ready.url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
}
