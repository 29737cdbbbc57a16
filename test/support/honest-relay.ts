/**
 * As honest.ts, at a relay: two peers of one splice, of which one echoes what the other sends; tells how long each echo
 * took. Started with the relay's address.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { TestClient } from '@skein/relay/testing/client';

/** Milliseconds between two questions. */
const PACE_MS = 4;

const address = process.argv[2] ?? '';
const near = await TestClient.register(address);
const far = await TestClient.register(address);
const token = await near.dial(far.id);
const incoming = await far.inbox.take('incoming');
const [asking, echoing] = await Promise.all([near.open(token), far.open(incoming.token)]);
for (const socket of [asking, echoing]) socket.setNoDelay(true);
echoing.pipe(echoing);

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
  asking.write('a key');
  await once(asking, 'data');
  took.push(performance.now() - began);
  await new Promise((resolve) => setTimeout(resolve, PACE_MS));
}
