/** Starts a program that outlives its starter: its own session and, under systemd, its own scope (rule H1). */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';

/**
 * A service manager that stops a service kills all that is in its cgroup, wherever it forked to; only a scope of its own
 * keeps a process out of that.
 */
function scope(): string[] {
  if (process.platform !== 'linux' || !fs.existsSync('/run/systemd/system')) return [];
  let cgroup = '';
  try {
    cgroup = fs.readFileSync('/proc/self/cgroup', 'utf8');
  } catch {
    return [];
  }
  if (!cgroup.includes('.service')) return [];
  const user = process.getuid?.() === 0 ? [] : ['--user'];
  return ['systemd-run', ...user, '--scope', '--quiet', '--collect', '--'];
}

/** The child's stdout is a pipe to its starter, for one line that it is ready; stderr goes to the given file. */
export function spawnDetached(
  argv: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; errors: number },
): ChildProcess {
  const [program, ...args] = [...scope(), ...argv];
  return spawn(program as string, args, {
    detached: true,
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', options.errors],
  });
}
