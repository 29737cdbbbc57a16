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

/** The highest descriptor that a script's is looked for at; the child's table is as long as the highest that is found. */
const MAX_DESCRIPTOR = 4_096;

/**
 * The descriptors of this process that its children would get: those that a script had open, such as a lock that it holds.
 * Node keeps its own to itself, and of those it was started with all but the high ones. Elsewhere the system does that for it.
 */
function inherited(): number[] {
  if (process.platform !== 'linux') return [];
  return fs
    .readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => fd > 2 && fd <= MAX_DESCRIPTOR && !closesOnExec(fd));
}

function closesOnExec(fd: number): boolean {
  try {
    const [, flags = ''] =
      /^flags:\s*([0-7]+)/m.exec(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
    return (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) !== 0;
  } catch {
    return true; // Closed since.
  }
}

/** O_CLOEXEC, as fdinfo tells it on every architecture that Node is built for. */
const CLOSE_ON_EXEC = 0o2000000;

/**
 * The child's stdout is a pipe to its starter, for one line that it is ready; stderr goes to the given file. What else this
 * process was started with is not handed on: a lock of a script's would be held as long as a node lives.
 */
export function spawnDetached(
  argv: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; errors: number },
): ChildProcess {
  const [program, ...args] = [...scope(), ...argv];
  const nowhere = fs.openSync('/dev/null', 'r+');
  try {
    const stdio: (number | 'ignore' | 'pipe')[] = ['ignore', 'pipe', options.errors];
    for (const fd of inherited()) {
      while (stdio.length < fd) stdio.push('ignore');
      stdio[fd] = nowhere;
    }
    return spawn(program as string, args, { detached: true, cwd: options.cwd, env: options.env, stdio });
  } finally {
    fs.closeSync(nowhere);
  }
}
