/** Garbage at the node's door in the mesh (rule C5), by the thousand. Alone in its file, because it measures memory. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { badStart } from '../faults/mesh-strangers.ts';
import { Meshes } from '../support/meshes.ts';
import { Random } from '../support/random.ts';

const LOCAL = ['127.0.0.1:0'];
const meshes = new Meshes();
afterAll(() => meshes.end());

/** Says it, waits until the node closes, or goes away itself. */
async function sayTo(port: number, bytes: Buffer, patient: boolean): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.resume();
  socket.write(bytes);
  if (!patient) setTimeout(() => socket.destroy(), 5);
  await Promise.race([closed, sleep(200).then(() => socket.destroy())]);
}

test('[F6] 2,000 strangers with garbage: the node lives, stays small, and serves who is honest', async () => {
  const a = await meshes.node({ listen: LOCAL });
  const b = await meshes.node();
  const client = await b.open(a.at());
  const random = new Random(11);
  const port = Number(a.mesh.addresses().addrs[0]?.split('/')[4]);
  for (let i = 0; i < 100; i++) await sayTo(port, badStart(random), false);
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let left = 2_000;
  let worst = 0;
  const strangers = Array.from({ length: 16 }, async () => {
    while (left-- > 0) await sayTo(port, badStart(random), left % 40 === 0);
  });
  const honest = (async () => {
    while (left > 0) {
      worst = Math.max(worst, await client.echo(Buffer.from('still there')));
      await sleep(20);
    }
  })();
  await Promise.all([...strangers, honest]);
  expect(client.over).toBe(false);
  expect(worst).toBeLessThan(1_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20);
  // Once the flood is over, whoever is honest gets in.
  const late = await (await meshes.node()).open(a.at());
  await late.echo(Buffer.from('me too'));
}, 30_000);
