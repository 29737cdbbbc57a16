/** Signals to programs of this machine whose node can record nothing: what fills its disk may be one of them (rule H4). */
import { isAlive, signalGroup } from '@skein/node/platform/process';
import { SkeinError } from '@skein/protocol/errors';
import type { SignalName } from '@skein/protocol/sessions/signals';
import type { Run } from '@skein/protocol/sessions/state';

/** Milliseconds between two looks. */
const LOOK_MS = 20;

/** Whether a command has failed for what its node's disk refuses. */
export function nothingRecorded(thrown: unknown): boolean {
  return SkeinError.from(thrown).code === 'storage_unavailable';
}

/** As its host does it: to the group that the program leads. Says whether it was there to get it. */
export function signalHere({ pid, start }: Run, signal: SignalName): boolean {
  return pid !== undefined && start !== undefined && isAlive(pid, start) && signalGroup(pid, signal);
}

/** Resolves with whether it has ended within `ms`. */
export async function hasEnded({ pid, start }: Run, ms: number): Promise<boolean> {
  for (const deadline = Date.now() + ms; pid !== undefined && start !== undefined && isAlive(pid, start); ) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return true;
}
