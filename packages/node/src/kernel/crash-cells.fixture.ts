/** A process to be killed: keeps cells with and without events, from the number given on, and prints each acknowledgement. */

import { keeper, nthKeep } from './keeper.fixture.ts';
import { Kernel } from './kernel.ts';

const [, , dir = '', from = '1'] = process.argv;
const kernel = await Kernel.open({ dir });
kernel.registerActor(keeper);

const send = async (n: number): Promise<void> => {
  const reply = await kernel.submit(null, { target: 'keeper/a', type: 'keep', body: nthKeep(n) });
  if (!reply.ok) throw new Error(reply.error.message);
  process.stdout.write(`${n}\n`);
};

for (let next = Number(from); ; ) {
  const burst = 1 + (next % 7);
  await Promise.all(Array.from({ length: burst }, (_, i) => send(next + i)));
  next += burst;
}
