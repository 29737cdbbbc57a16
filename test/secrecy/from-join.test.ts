/** What was before somebody came (rule M3) stays away from them, by whatever way they ask: here the ways that are not plain. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SharedNode } from '../support/devices.ts';
import { until } from '../support/processes.ts';

let shared: SharedNode;

beforeAll(async () => {
  shared = await SharedNode.start();
});
afterAll(() => shared.stop());

/** A program that prints a hundred lines, says that it has, and then only what it is told. */
const TALE = ['sh', '-c', 'for i in $(seq 100); do echo "secret $i"; done; echo begun; exec cat'];

test('[M3] a taller terminal does not bring back what had left the screen before somebody came', async () => {
  const session = await shared.session(TALE);
  const screen = { ref: session, form: 'text' as const };
  await until('it is printed', async () => (await shared.owner.ask('screen', screen)).data.includes('begun'));
  const { client } = await shared.join(session, 'operator');
  const before = (await client.ask('screen', screen)).data;
  expect(before).toContain('secret 100');
  expect(before).not.toContain('secret 50\n');
  await client.ask('resize', { ref: session, cols: 80, rows: 200 });
  expect((await client.ask('screen', screen)).data).not.toContain('secret 50\n');
  // Its owner loses nothing.
  expect((await shared.owner.ask('screen', { ...screen, history: 200 })).data).toContain('secret 50\n');
});
