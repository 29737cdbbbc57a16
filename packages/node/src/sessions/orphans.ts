/** What is left of a run whose host is gone. It has no terminal any more, and must not live on unseen (rule H4). */
import { findByEnvironment, isAlive, signalGroup } from '../platform/process.ts';

/** How often they are looked for: one that was just being started while the others were counted is found the next time. */
const LOOKS = 3;

/** Ends it: known by pid *and* start time, or by the run in its environment. A stranger with the same pid is left alone. */
export function clearRun(run: string, pid?: number, start?: string): void {
  if (pid !== undefined && start !== undefined && isAlive(pid, start)) signalGroup(pid, 'SIGKILL');
  for (let look = 0; look < LOOKS; look++) {
    const orphans = findByEnvironment('SKEIN_RUN', run);
    if (orphans.length === 0) return;
    for (const orphan of orphans) if (isAlive(orphan.pid, orphan.start)) signalGroup(orphan.pid, 'SIGKILL');
  }
}
