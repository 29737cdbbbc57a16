/** The product as installed: its launcher, in a SKEIN_HOME of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Contestant, MaybeContestant } from './contestant.ts';
import { type Pinning, pinned } from './machine.ts';
import { atEnd, killQuietly } from './teardown.ts';
import { plainEnvironment, Terminal } from './terminal.ts';

const ROOT = dirname(dirname(import.meta.dirname));
export const LAUNCHER = join(ROOT, 'node_modules/.bin/skein');
const BUNDLE = join(ROOT, 'packages/cli/dist/skein.cjs');

interface StatusFigures {
  pid: number;
  hosts: { pid: number }[];
}

export interface Skein extends Contestant {
  home: string;
  env: NodeJS.ProcessEnv;
  /** Runs a command to its end and returns what it printed; throws with stderr when it fails. */
  cli(...words: string[]): Promise<string>;
  attachWith(...words: string[]): Terminal;
  status(): Promise<StatusFigures>;
}

export function skein(pinning: Pinning): MaybeContestant & { use?: Skein } {
  if (!existsSync(LAUNCHER) || !existsSync(BUNDLE)) return { missing: 'skein is not built' };
  return { use: newSkein(pinning) };
}

function newSkein(pinning: Pinning): Skein {
  const home = mkdtempSync('/tmp/skb-');
  const env = { ...plainEnvironment(), SKEIN_HOME: home };
  const known = new Set<number>();
  const cli = (...words: string[]) => run(pinned(pinning, LAUNCHER, words), env);
  const learn = (text: string) => {
    const told: StatusFigures = JSON.parse(text);
    for (const pid of [told.pid, ...told.hosts.map((host) => host.pid)]) known.add(pid);
    return told;
  };
  const status = async () => learn(await cli('status', '--json'));
  const attachWith = (...words: string[]) => new Terminal(LAUNCHER, ['attach', ...words], { pinning, env });
  const stop = atEnd(() => {
    if (known.size === 0) return rmSync(home, { recursive: true, force: true });
    // Hosts were added as sessions were: all of them are to be gone, whatever `down` does.
    const told = spawnSync(LAUNCHER, ['status', '--json'], { env, encoding: 'utf8', timeout: 20_000 });
    if (told.status === 0) learn(told.stdout);
    spawnSync(LAUNCHER, ['down', '--kill'], { env, stdio: 'ignore', timeout: 20_000 });
    for (const pid of known) killQuietly(pid);
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });
  return {
    name: 'skein',
    home,
    env,
    cli,
    status,
    async start(session, argv) {
      await cli('run', '-d', '--name', session, '--', ...argv);
      if (known.size === 0) await status();
    },
    attach: (session) => attachWith(session),
    attachWith,
    stop,
  };
}

function run([command, words]: [string, string[]], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('error', reject);
    // Not `close`: a node that this command started may hold its stderr.
    child.on('exit', (code) => {
      if (code === 0) setImmediate(() => resolve(out));
      else reject(new Error(`${words.slice(-6).join(' ')} ended with ${code}: ${err.trim()}`));
    });
  });
}
