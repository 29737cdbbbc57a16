/**
 * What a host writes down of a run, in `runs/<run>/` (rule H4): `run.json` before its program is started, the process in
 * it afterwards, `exit.json` when it ended, until the node has taken it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { readJson, writeWhole } from '../platform/files.ts';

export interface RunRecord {
  run: string;
  host: string;
  /** Absent until the program is started. */
  pid?: number;
  start?: string;
}

export interface ExitRecord {
  code: number | null;
  signal: number | null;
  bytes: number;
  at: number;
}

export function runDir(home: string, run: string): string {
  return path.join(home, 'runs', run);
}

export function writeRun(dir: string, record: RunRecord): void {
  writeWhole(path.join(dir, 'run.json'), JSON.stringify(record));
}

export function readRun(dir: string): RunRecord | undefined {
  return readJson(path.join(dir, 'run.json')) as RunRecord | undefined;
}

export function writeExit(dir: string, record: ExitRecord): void {
  writeWhole(path.join(dir, 'exit.json'), JSON.stringify(record));
}

export function readExit(dir: string): ExitRecord | undefined {
  return readJson(path.join(dir, 'exit.json')) as ExitRecord | undefined;
}

/** The node has recorded how the run ended. */
export function takeExit(dir: string): void {
  fs.rmSync(path.join(dir, 'exit.json'), { force: true });
}
