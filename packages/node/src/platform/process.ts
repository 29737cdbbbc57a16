/** Processes as the system knows them. One is known by pid *and* start time, because pids are used again (rule H4). */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { isCode } from './files.ts';

const linux = process.platform === 'linux';

/** Of this process, or of the whole system, no more can be had just now: what was asked for may well be there. */
export const NONE_LEFT = ['EMFILE', 'ENFILE', 'ENOMEM'];

/**
 * When a process started, in the system's own notation; undefined when there is no such process (or only its zombie). Throws
 * where that cannot be looked at for lack of a descriptor: nothing is known then.
 */
export function startTime(pid: number): string | undefined {
  return look(pid)?.start;
}

/**
 * What becomes of this very process: stopped, as by SIGSTOP or under a debugger, it has not ended. One that cannot be looked
 * at just now is not known to have ended either.
 */
export function processState(pid: number, start: string): 'running' | 'stopped' | 'ended' {
  let found: ReturnType<typeof look>;
  try {
    found = look(pid);
  } catch {
    return 'running';
  }
  if (found?.start !== start) return 'ended';
  return found.state === 'T' || found.state === 't' ? 'stopped' : 'running';
}

/** Undefined for no process, or only its zombie. `state` is the system's letter. Throws as `startTime` does. */
function look(pid: number): { start: string; state: string } | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (linux) {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
      // The second field is the name in parentheses, which may itself hold spaces and parentheses.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const [state = ''] = fields;
      return state === 'Z' || state === 'X' ? undefined : { state, start: `${bootId()}:${fields[19]}` };
    } catch (error) {
      if (isCode(error, ...NONE_LEFT)) throw error;
      return undefined;
    }
  }
  try {
    const out = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    const state = out[0] ?? 'Z';
    return state === 'Z' ? undefined : { state, start: out.replace(/^\S+\s+/, '') };
  } catch {
    return undefined;
  }
}

let boot: string | undefined;
/** The beginning of this boot's name: start times are counted from it. */
export function bootId(): string {
  boot ??= fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim().slice(0, 8);
  return boot;
}

/** Whether this very process still runs. Throws as `startTime` does. */
export function isAlive(pid: number, start: string): boolean {
  return startTime(pid) === start;
}

/** Sends a signal to a process group, or to the process alone where it leads none. Says whether anybody got it. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return true;
    } catch {
      // No such group, or it ended meanwhile.
    }
  }
  return false;
}

/**
 * The processes that were started with `NAME=value` in their environment, found by asking the system. On systems that
 * do not tell it, none are found.
 */
export function findByEnvironment(name: string, value: string): { pid: number; start: string }[] {
  if (!linux) return [];
  const wanted = `${name}=${value}`;
  const found: { pid: number; start: string }[] = [];
  for (const entry of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const environment = fs.readFileSync(`/proc/${entry}/environ`, 'utf8');
      if (!environment.split('\0').includes(wanted)) continue;
      const pid = Number(entry);
      const start = startTime(pid);
      if (start !== undefined) found.push({ pid, start });
    } catch {
      // Not ours to read, or gone.
    }
  }
  return found;
}
