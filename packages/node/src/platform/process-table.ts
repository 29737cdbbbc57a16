/**
 * All processes of the machine at one moment, and what memory some of them take. Looking is cut into slices, so that a machine
 * with thousands of processes does not hold up who else waits for this thread.
 */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { bootId } from './process.ts';

export interface TableEntry {
  pid: number;
  parent: number;
  /** The session, in the system's sense, or the process group where that is not told: it stays when a parent ends. */
  group: number;
  /** In the notation of `startTime`, where the system tells it with the rest. */
  start: string | undefined;
  /** Milliseconds of processor time since its start. */
  cpu: number;
  /** Bytes that are resident, where the system tells them with the rest. */
  resident: number | undefined;
}

/** Files of /proc read before the loop gets its turn: about a millisecond. */
const SLICE = 64;
/** Milliseconds of one tick of /proc's clock, USER_HZ, which is 100 on every Linux that Node runs on. */
const TICK_MS = 10;
/** Milliseconds for `ps`, and bytes that it prints at most. */
const PS_MS = 5_000;
const PS_BYTES = 8 * 1024 * 1024;

export function processTable(): Promise<TableEntry[]> {
  return process.platform === 'linux' ? fromProc() : fromPs();
}

async function fromProc(): Promise<TableEntry[]> {
  const found: TableEntry[] = [];
  const pids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  for (const [i, pid] of pids.entries()) {
    if (i % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve));
    try {
      const entry = ofStat(Number(pid), fs.readFileSync(`/proc/${pid}/stat`, 'latin1'));
      if (entry !== undefined) found.push(entry);
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** Undefined for a zombie. The second field is a name in parentheses, which may itself hold spaces and parentheses. */
export function ofStat(pid: number, stat: string): TableEntry | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent = '', , group = ''] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  const cpu = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  const start = `${bootId()}:${fields[19]}`;
  return { pid, parent: Number(parent), group: Number(group), start, cpu, resident: undefined };
}

const run = promisify(execFile);

async function fromPs(): Promise<TableEntry[]> {
  const columns = 'pid=,ppid=,pgid=,rss=,time=';
  const { stdout } = await run('ps', ['-axo', columns], { timeout: PS_MS, maxBuffer: PS_BYTES });
  return stdout.split('\n').flatMap((line) => ofPs(line) ?? []);
}

/** `  501 1 501 12340 1:02.34`: the resident KiB, and the time as [[days-]hours:]minutes:seconds. */
export function ofPs(line: string): TableEntry | undefined {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(?:(\d+)-)?([\d:]+(?:[.,]\d+)?)\s*$/.exec(line);
  if (match === null) return undefined;
  const [pid = 0, parent = 0, group = 0, resident = 0] = match.slice(1, 5).map(Number);
  const seconds = (match[6] ?? '')
    .replace(',', '.')
    .split(':')
    .reduce((sum, part) => sum * 60 + Number(part), 0);
  const cpu = Math.round((Number(match[5] ?? 0) * 86_400 + seconds) * 1000);
  return { pid, parent, group, start: undefined, cpu, resident: resident * 1024 };
}

/** Bytes that a process takes: its share of what it has in common with others, else all that is resident; 0 once it has ended. */
export async function memoryOf({ pid, resident }: TableEntry): Promise<number> {
  if (resident !== undefined) return resident;
  // Read by another thread: the system walks all of a process's memory for the first.
  const share = await kibIn(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB/m);
  return share ?? (await kibIn(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB/m)) ?? 0;
}

async function kibIn(file: string, line: RegExp): Promise<number | undefined> {
  try {
    const found = line.exec(await readFile(file, 'latin1'));
    return found === null ? undefined : Number(found[1]) * 1024;
  } catch {
    return undefined;
  }
}
