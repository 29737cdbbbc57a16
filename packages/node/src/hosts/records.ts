/** What is on disk of each host: `hosts/<id>/` with its plan, its key and what it wrote of itself; and its socket. */
import fs from 'node:fs';
import path from 'node:path';
import type { HostKind } from '@skein/protocol/host/kind';
import { type Infer, int, obj, str } from '@skein/protocol/shape';
import { isCode, makeDir, readJson, writeWhole } from '../platform/files.ts';
import { isAlive, NONE_LEFT, startTime } from '../platform/process.ts';

/** `host.json` as a host writes it. */
const hostRecord = obj({ id: str(64), pid: int(1), start: str(64), version: str(64), socket: str(4096) });
type HostRecord = Infer<typeof hostRecord>;

export function hostDir(home: string, id: string): string {
  return path.join(home, 'hosts', id);
}

export function hostSocket(home: string, id: string): string {
  return path.join(home, 'run', `h-${id}.sock`);
}

/** The hosts that have a directory, dead or alive. */
export function hostIds(home: string): string[] {
  makeDir(path.join(home, 'hosts'));
  return fs.readdirSync(path.join(home, 'hosts'));
}

export function hostKey(home: string, id: string): string {
  return fs.readFileSync(path.join(hostDir(home, id), 'key'), 'utf8');
}

/** The build that a host runs from. */
export function runtimeOf(home: string, id: string): string {
  const plan = readJson(path.join(hostDir(home, id), 'plan.json')) as { runtime?: unknown } | undefined;
  return typeof plan?.runtime === 'string' ? plan.runtime : '';
}

/** What a host holds its programs on. */
export function kindOf(home: string, id: string): HostKind {
  const plan = readJson(path.join(hostDir(home, id), 'plan.json')) as { kind?: unknown } | undefined;
  return plan?.kind === 'pipe' ? 'pipe' : 'pty';
}

/** What a host wrote of itself; undefined when it is not there or not sound. */
export function readHost(home: string, id: string): HostRecord | undefined {
  try {
    return recordOf(home, id);
  } catch {
    return undefined;
  }
}

function recordOf(home: string, id: string): HostRecord {
  return hostRecord(JSON.parse(fs.readFileSync(path.join(hostDir(home, id), 'host.json'), 'utf8')), '');
}

/** Writes anew what could not be read, of a host that has answered. */
export function writeHost(home: string, host: Omit<HostRecord, 'start'>): void {
  const record = { ...host, start: startTime(host.pid), kind: kindOf(home, host.id) };
  writeWhole(path.join(hostDir(home, host.id), 'host.json'), JSON.stringify(record));
}

/** Whether a host lives. One that cannot be looked at just now is not known to be dead, and is left what it has (H1). */
export function hostLives(home: string, id: string): boolean {
  try {
    const { pid, start } = recordOf(home, id);
    return isAlive(pid, start);
  } catch (error) {
    return isCode(error, ...NONE_LEFT);
  }
}

/** Removes what a dead host left; its runs' own directories stay. A living one's is not touched. */
export function forgetHost(home: string, id: string): void {
  if (hostLives(home, id)) return;
  fs.rmSync(hostDir(home, id), { recursive: true, force: true });
  fs.rmSync(hostSocket(home, id), { force: true });
}
