/**
 * A program started once (rule H4), though its host answers late and the node is killed meanwhile: which host is asked is
 * written down before, and that one is heard before anything is said or done of the run.
 */
import fs from 'node:fs';
import { type ErrorCode, SkeinError } from '@skein/protocol/errors';
import type { ControlBodies } from '../host/control.ts';
import { readRun, runDir, writeAsked } from '../host/run-files.ts';
import { clearRun } from '../sessions/orphans.ts';
import type { Placed } from './known.ts';
import type { HostLink } from './link.ts';
import type { HostPool } from './pool.ts';

/** After these a host may have started it, or may do so yet. */
const UNCLEAR: readonly ErrorCode[] = ['timeout', 'host_lost'];

/** Asks a host in which the run has a place. What is refused has no place there any more. */
export async function startIn(
  hosts: HostPool,
  home: string,
  { id, link }: { id: string; link: Pick<HostLink, 'request'> },
  program: ControlBodies['start'],
): Promise<Placed> {
  const { run } = program;
  try {
    await writeAsked(runDir(home, run), { run, host: id });
    return { host: id, ...(await link.request('start', program)) };
  } catch (refused) {
    const there = UNCLEAR.includes(SkeinError.from(refused).code)
      ? await heldBy(hosts, id, { run })
      : undefined;
    if (there !== undefined) return there;
    await hosts.release(id, run);
    // Nothing was begun, and nobody will ask for what was made for it.
    await fs.promises.rm(runDir(home, run), { recursive: true, force: true }).catch(() => {});
    throw refused;
  }
}

/** What became of a start that was cut off: undefined where none was begun. Throws `host_lost` when its host has ended. */
export async function resumeStart(hosts: HostPool, home: string, run: string): Promise<Placed | undefined> {
  const record = readRun(runDir(home, run));
  if (record === undefined) return hosts.find(run);
  const there = await heldBy(hosts, record.host, record);
  if (there === undefined && record.pid !== undefined)
    throw new SkeinError('host_lost', 'Its host has started it, and does not hold it any more.');
  return there;
}

async function heldBy(
  hosts: HostPool,
  host: string,
  { run, pid, start }: { run: string; pid?: number; start?: string },
): Promise<Placed | undefined> {
  try {
    return await hosts.holds(host, run);
  } catch {
    // Whatever came of it has no terminal any more, and no pipes.
    clearRun(run, pid, start);
    throw new SkeinError('host_lost', 'Its host ended while it was being started.');
  }
}
