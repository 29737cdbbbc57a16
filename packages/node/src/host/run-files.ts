/**
 * What is written down of a run, in `runs/<run>/` (rule H4): `run.json` by the node before it asks a host to start its
 * program, by the host before it does, and with the process in it afterwards; `exit.json` when it ended, until the node has
 * taken it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { int, obj, opt, type Shape, str } from '@skein/protocol/shape';
import { FILE_MODE, makeDir, readJson, replaceNow, syncFile } from '../platform/files.ts';

export interface RunRecord {
  run: string;
  host: string;
  /** Absent until the program is started. */
  pid?: number;
  start?: string;
}

interface ExitRecord {
  code: number | null;
  signal: number | null;
  bytes: number;
  at: number;
  /** The last of what it complained of, where its host heard it apart. */
  stderr?: string;
}

const runRecord: Shape<RunRecord> = obj({
  run: str(64),
  host: str(64),
  pid: opt(int(1)),
  start: opt(str(64)),
});
const exitRecord = obj({
  code: opt(int(-(2 ** 31))),
  signal: opt(int(0)),
  bytes: int(0),
  at: int(0),
  stderr: opt(str(4096)),
});

/** A record that is not sound, as after a broken disk, is like one that is not there. */
function readSound<T>(file: string, shape: Shape<T>): T | undefined {
  try {
    return shape(readJson(file), '');
  } catch {
    return undefined;
  }
}

export function runDir(home: string, run: string): string {
  return path.join(home, 'runs', run);
}

/** By the host, whose loop carries the output of others: it waits for no disk. What a power cut leaves is what the node wrote. */
export function writeRun(dir: string, record: RunRecord): void {
  makeDir(dir);
  replaceNow(path.join(dir, 'run.json'), JSON.stringify(record));
}

/**
 * Which host is about to be asked, durable when it resolves: after a power cut, which no host outlives, nothing is started
 * again that may have been. One that was cut short says that nobody was asked yet.
 */
export async function writeAsked(dir: string, { run, host }: RunRecord): Promise<void> {
  makeDir(dir);
  const file = path.join(dir, 'run.json');
  fs.writeFileSync(file, JSON.stringify({ run, host }), { mode: FILE_MODE });
  await syncFile(file);
}

export function readRun(dir: string): RunRecord | undefined {
  return readSound(path.join(dir, 'run.json'), runRecord);
}

/** For whoever asks from now on; it outlives a power cut once `exitKept` has resolved. */
export function writeExit(dir: string, record: ExitRecord): void {
  replaceNow(exitFile(dir), JSON.stringify(record));
}

export function exitKept(dir: string): Promise<void> {
  return syncFile(exitFile(dir));
}

function exitFile(dir: string): string {
  return path.join(dir, 'exit.json');
}

export function readExit(dir: string): ExitRecord | undefined {
  const exit = readSound(exitFile(dir), exitRecord);
  return exit === undefined ? undefined : { ...exit, code: exit.code ?? null, signal: exit.signal ?? null };
}

/** The node has recorded how the run ended. */
export function takeExit(dir: string): void {
  fs.rmSync(exitFile(dir), { force: true });
}
