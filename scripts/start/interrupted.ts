/** Signals that end the demonstration. They are heard between its steps, so that what it has started is ended first. */
import { constants } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';

let by: NodeJS.Signals | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    by ??= signal;
  });

/** The exit status that says so; undefined while nothing has been heard. */
export async function interrupted(): Promise<number | undefined> {
  await turn();
  return by === undefined ? undefined : 128 + constants.signals[by];
}
