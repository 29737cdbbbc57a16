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

test('[K2] clients of which nothing could be stored do not stay, acknowledged or not', async () => {
  const kernel = await openKernel(tempDir());
  // As on a full disk: refused without a receipt, and the refusal acknowledged as any reply is.
  for (let n = 0; n <= KEPT; n += 1) {
    const client = `turned-away-${n}`;
    await kernel.execute(null, { id: { client, seq: 1 }, target: 'counter/a', type: 'crash', body: null });
    kernel.ack(client, 1);
  }
  // What is acknowledged is written down now, instead of within a second.
  await kernel.sweep();
  expect(await add(kernel, 1, 5, 'counter/a', 'after')).toMatchObject({ ok: true });
});

test('[K2] one more client than are kept is answered, though all of those have something under way', async () => {
  const clients = new Clients({ find: async () => null, receipt: async () => null });
  const never = () => new Promise<Reply>(() => {});
  for (let n = 0; n <= KEPT; n += 1) {
    await clients.load(`c${n}`);
    const client = clients.known(`c${n}`);
    expect(client?.name).toBe(`c${n}`);
    if (client) void clients.once(client, command(`c${n}`, 1), never);
  }
});
