/** What is left of a run whose host is gone. It has no terminal any more, and must not live on unseen (rule H4). */
import { findByEnvironment, isAlive, signalGroup } from '../platform/process.ts';

/** Ends it: known by pid *and* start time, or by the run in its environment. A stranger with the same pid is left alone. */
export function clearRun(run: string, pid?: number, start?: string): void {
  if (pid !== undefined && start !== undefined && isAlive(pid, start)) signalGroup(pid, 'SIGKILL');
  for (const orphan of findByEnvironment('SKEIN_RUN', run)) {
    if (isAlive(orphan.pid, orphan.start)) signalGroup(orphan.pid, 'SIGKILL');
  }
}
