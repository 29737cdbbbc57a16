/** What a killed node has left running for a landing: git is let come to its end, which takes a moment; a check is ended. */
import { findByEnvironment, signalGroup } from '../../platform/process.ts';

/** In the environment of all that is run for a landing; and of its check besides. */
export const MARK = 'SKEIN_LANDING';
export const CHECK_MARK = 'SKEIN_LANDING_CHECK';

/** Milliseconds that git is waited for, and between two looks. */
const WAIT_MS = 30_000;
const LOOK_MS = 50;

export async function endLeftovers(landing: string): Promise<void> {
  const until = performance.now() + WAIT_MS;
  for (;;) {
    for (const { pid } of findByEnvironment(CHECK_MARK, landing)) signalGroup(pid, 'SIGKILL');
    const left = findByEnvironment(MARK, landing);
    if (left.length === 0) return;
    if (performance.now() > until) for (const { pid } of left) signalGroup(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
