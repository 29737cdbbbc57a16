/** A home for a node under test, and the end of all that was started in it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { kill, lives, withEnvironment } from './processes.ts';

const made = new Set<string>();
const mounted = new Set<string>();
process.once('exit', () => {
  for (const home of made) destroyHome(home);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** A short path: sockets in it must be nameable. */
export function makeHome(): string {
  const base = mkdtempSync('/tmp/skf-');
  const home = join(base, 'h');
  mkdirSync(home, { mode: 0o700 });
  made.add(home);
  return home;
}

/** A home on a disk of its own, of so many MiB; throws where that is not allowed. What hosts run from is kept outside. */
export function makeSmallHome(mib: number): string {
  const home = makeHome();
  const options = ['-t', 'tmpfs', '-o', `size=${mib}m,mode=700`, 'none', home];
  const done = spawnSync('mount', options, { encoding: 'utf8' });
  if (done.status !== 0) {
    destroyHome(home);
    throw new Error(`a small disk cannot be mounted: ${done.stderr ?? done.error?.message}`.trim());
  }
  mounted.add(home);
  mkdirSync(join(home, '..', 'runtimes'));
  symlinkSync(join(home, '..', 'runtimes'), join(home, 'runtimes'));
  return home;
}

export function json(file: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function names(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

/** The hosts that have written down who they are. */
export function hostsOf(home: string): { id: string; pid: number; start: string; socket: string }[] {
  return names(join(home, 'hosts')).flatMap((id) => {
    const record = json(join(home, 'hosts', id, 'host.json'));
    return typeof record?.pid === 'number' ? [record as never] : [];
  });
}

/** Ends every host and program of a home, whatever state it is in, and removes it. The node must be ended already. */
export function destroyHome(home: string, extraHosts: readonly { pid: number; start: string }[] = []): void {
  for (const host of [...hostsOf(home), ...extraHosts]) if (lives(host)) kill(host.pid);
  for (const run of names(join(home, 'runs'))) {
    for (const pid of withEnvironment('SKEIN_RUN', run)) kill(pid);
  }
  made.delete(home);
  if (mounted.delete(home)) spawnSync('umount', ['-l', home]);
  rmSync(join(home, '..'), { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}
