/** As honest.ts, at a relay: two peers of one splice, of which one echoes what the other sends. Started with its address. */
import { once } from 'node:events';
import { TestClient } from '@skein/relay/testing/client';
import { tellAnswerTimes } from './answer-times.ts';

const address = process.argv[2] ?? '';
const near = await TestClient.register(address);
const far = await TestClient.register(address);
const token = await near.dial(far.id);
const incoming = await far.inbox.take('incoming');
const [asking, echoing] = await Promise.all([near.open(token), far.open(incoming.token)]);
for (const socket of [asking, echoing]) socket.setNoDelay(true);
echoing.pipe(echoing);
await tellAnswerTimes(() => {
  asking.write('a key');
  return once(asking, 'data');
});
