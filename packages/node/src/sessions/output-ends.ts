/** How far the output of a session's run has got: where somebody begins who may not read what was before (rule M3). */
import path from 'node:path';
import type { SessionState } from '@skein/protocol/sessions/state';
import { journalHead } from '../host/journal-files.ts';
import { runDir } from '../host/run-files.ts';
import type { HostPool } from '../hosts/pool.ts';

/** By run: the present one, if the session has begun any. What is run later is theirs from its first byte. */
export async function outputEnds(
  { run }: SessionState,
  hosts: HostPool,
  home: string,
): Promise<Record<string, number>> {
  if (run === null || run.state === 'starting' || run.state === 'failed') return {};
  if (run.state === 'running' && run.host !== undefined) {
    try {
      const { runs } = await hosts.get(run.host).request('list', {});
      const head = runs.find((one) => one.run === run.run)?.head;
      if (head !== undefined) return { [run.run]: head };
    } catch {
      // It ends, or its host does not answer: what is on disk is nearly all.
    }
  }
  return { [run.run]: Math.max(run.bytes ?? 0, journalHead(path.join(runDir(home, run.run), 'journal'))) };
}
