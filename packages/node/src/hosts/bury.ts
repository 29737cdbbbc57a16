/**
 * What a host that has ended leaves (rules H1, H4): its directory; and programs on pipes, on which nothing hangs up as the
 * system does on those of a terminal.
 */
import fs from 'node:fs';
import path from 'node:path';
import { readExit, readRun, runDir } from '../host/run-files.ts';
import { clearRun } from '../sessions/orphans.ts';
import { forgetHost, hostLives, kindOf } from './records.ts';

/** Ends the programs that a dead host held on pipes, and removes what it left. A living host's are not touched. */
export function buryHost(home: string, id: string): void {
  if (hostLives(home, id)) return;
  if (kindOf(home, id) === 'pipe') {
    for (const run of runIds(home)) {
      const record = readRun(runDir(home, run));
      if (record?.host === id && readExit(runDir(home, run)) === undefined)
        clearRun(run, record.pid, record.start);
    }
  }
  forgetHost(home, id);
}

function runIds(home: string): string[] {
  try {
    return fs.readdirSync(path.join(home, 'runs'));
  } catch {
    return [];
  }
}
