/**
 * A process of its own that asks a node one thing after another, as an honest client would, and tells each second's
 * slowest: started with the node's home; a line `begin` or `end` on stdin brackets a measurement, whose times it prints.
 */
import { createInterface } from 'node:readline';
import { connectNode } from './transport.ts';

/** Milliseconds between two questions. */
const PACE_MS = 4;

const client = await connectNode(process.argv[2] ?? '', { retryFor: 5_000 });
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
  await client.ask('sessions', {});
  took.push(performance.now() - began);
  await new Promise((resolve) => setTimeout(resolve, PACE_MS));
}
