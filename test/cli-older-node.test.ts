/** Commands of this build at a node of another, which a user meets who has updated and not restarted it (rules C3, H1). */
import { afterAll, afterEach, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { OlderNode } from './support/older-node.ts';

const skein = new Skein();
let node: OlderNode | undefined;
afterEach(() => node?.stop());
afterAll(() => skein.destroy());

test('[C3] what a node refuses at once is told as any refusal, also while it is asked for more', async () => {
  node = await OlderNode.start(skein.home, { nodes: [] });
  const { status, stderr } = await skein.later(['inbox']);
  expect(stderr).toContain('A node does not answer "inbox". (unknown_command)');
  expect(stderr).toContain('skein restart');
  expect(stderr).not.toContain('Node.js');
  expect(status).toBe(2);
});

test('[C3] a node whose log this build could not read is not stopped to be started again', async () => {
  node = await OlderNode.start(skein.home, { status: { log: { format: 9_999 } } });
  const { status, stderr } = await skein.later(['restart']);
  expect([status, stderr]).toEqual([1, expect.stringContaining('(database_newer)')]);
});
