/** A process to be killed: adds 1, 2, 3 … to a counter, from the last that is in the log, and prints each acknowledgement. */
import { type Counter, counter } from './counter.fixture.ts';
import { Kernel } from './kernel.ts';

const [, , dir = '', from = '1'] = process.argv;
const kernel = await Kernel.open({ dir });
kernel.registerActor(counter);

const send = async (seq: number): Promise<void> => {
  const command = { id: { client: 'c', seq }, target: 'counter/a', type: 'add', body: { n: seq } };
  const reply = await kernel.execute(null, command);
  if (!reply.ok) throw new Error(reply.error.message);
  process.stdout.write(`${seq}\n`);
};

// The last acknowledged command again, as a client does after a lost connection; its receipt answers.
if (Number(from) > 1) await send(Number(from) - 1);
const { added } = (await kernel.state<Counter>('counter/a')).state;
let next = added.length + 1;
for (;;) {
  const burst = 1 + (next % 7);
  await Promise.all(Array.from({ length: burst }, (_, i) => send(next + i)));
  next += burst;
}
