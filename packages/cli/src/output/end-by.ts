/** Ends this process as it was told to, once it has done what it had to: by the signal itself, as whoever started it looks for. */
import os from 'node:os';

/** Milliseconds for a signal to end it. */
const ENDED_MS = 1_000;

/** A shell that is told an exit status instead goes on with its script. */
export function endBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // The first process of a container is ended by no signal that it does not take.
  setTimeout(() => process.exit(128 + os.constants.signals[signal]), ENDED_MS);
}
