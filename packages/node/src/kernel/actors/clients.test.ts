/** Clients in memory are bounded, and forgetting one loses nothing that K2 promises. */
import { RECEIPT_KEEP_MS } from '@skein/protocol/limits';
import { afterEach, expect, test } from 'vitest';
import { add, type Counter, cleanUp, openKernel, tempDir } from '../counter.fixture.ts';
import type { Command, Reply } from '../types.ts';
import { type Client, Clients, KEPT } from './clients.ts';

afterEach(cleanUp);

const command = (client: string, seq: number): Command => ({
  id: { client, seq },
  target: 'counter/a',
  type: 'add',
  body: { n: 1 },
});

const OK: Reply = { ok: true, value: 1, cursor: null };

async function known(clients: Clients, name: string): Promise<Client> {
  for (;;) {
    const client = clients.known(name);
    if (client) return client;
    await clients.load(name);
  }
}

test('[K2] of any number of clients only some stay in memory, and none that has something under way', async () => {
  const clients = new Clients({ find: async () => null, receipt: async () => null });
  let finish: (reply: Reply) => void = () => {};
  const busy = await known(clients, 'busy');
  const reply = clients.once(busy, command('busy', 1), () => new Promise((resolve) => (finish = resolve)));
  const owing = await known(clients, 'owing');
  owing.acked = 3;
  for (let n = 0; n < KEPT * 3; n += 1)
    await clients.once(await known(clients, `c${n}`), command(`c${n}`, 1), async () => OK);
  expect([...clients.all()]).toHaveLength(KEPT);
  expect(clients.known('busy')).toBe(busy);
  expect(clients.known('owing')).toBe(owing);
  expect(clients.known('c0')).toBeUndefined();
  finish(OK);
  expect(await reply).toBe(OK);
});

test('[K2] a client that was forgotten gets its replies again, and nothing of it runs twice', async () => {
  let now = 1_000_000_000_000;
  const kernel = await openKernel(tempDir(), { now: () => now });
  const first = await add(kernel, 1, 5, 'counter/a', 'old');
  await add(kernel, 2, 5, 'counter/a', 'old');
  // Acknowledgements bring in clients too, without any command.
  const crowd = async (from: number) => {
    for (let n = from; n < from + KEPT + 10; n += 1) kernel.ack(`stranger-${n}`, 1);
    // The reader answers in order: with this reply it has answered all of those.
    await add(kernel, from, 0, 'counter/b', `last-${from}`);
  };
  await crowd(1);
  expect(await add(kernel, 1, 5, 'counter/a', 'old')).toEqual(first);
  expect(await add(kernel, 1, 6, 'counter/a', 'old')).toMatchObject({ error: { code: 'id_reused' } });
  kernel.ack('old', 1);
  await kernel.sweep();
  now += RECEIPT_KEEP_MS;
  expect(await kernel.sweep()).toBe(1);
  await crowd(1_000_000);
  expect(await add(kernel, 1, 5, 'counter/a', 'old')).toMatchObject({ error: { code: 'receipt_expired' } });
  expect(await add(kernel, 3, 5, 'counter/a', 'old')).toMatchObject({ ok: true, value: 15 });
  expect((await kernel.state<Counter>('counter/a')).state.total).toBe(15);
});
