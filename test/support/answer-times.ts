/**
 * What an honest client's process does: asks one thing after another, at the pace of somebody who types. A line `begin` or
 * `end` on stdin brackets a measurement, whose times it prints; it ends with its stdin. Prints a first line when it is ready.
 */
import { createInterface } from 'node:readline';

/** Milliseconds between two questions. */
const PACE_MS = 4;

/** Never returns. `ask` resolves with the answer's arrival. */
export async function tellAnswerTimes(ask: () => Promise<unknown>): Promise<never> {
  let took: number[] = [];
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      if (line === 'end') process.stdout.write(`${JSON.stringify(took)}\n`);
      took = [];
    })
    .on('close', () => process.exit(0));
  process.stdout.write('[]\n');
  for (;;) {
    const began = performance.now();
    await ask();
    took.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, PACE_MS));
  }
}
