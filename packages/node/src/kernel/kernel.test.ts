/** The kernel's everyday promises: commands, receipts, actors, effects, subscriptions. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MAILBOX, RECEIPT_KEEP_MS } from '@skein/protocol/limits';
import { afterEach, expect, test } from 'vitest';
import { unpackEvents } from './codec.ts';
import {
  add,
  type Counter,
  cleanUp,
  command,
  counter,
  openKernel,
  readAll,
  tempDir,
} from './counter.fixture.ts';
import type { EffectContext, Page } from './types.ts';

afterEach(cleanUp);

test('[L1] offsets of a stream are contiguous from 1, across commands, batches and reopening', async () => {
  const dir = tempDir();
  let kernel = await openKernel(dir);
  await Promise.all(Array.from({ length: 50 }, (_, i) => add(kernel, i + 1, i)));
  await kernel.close();
  kernel = await openKernel(dir);
  const reply = await add(kernel, 51, 50);
  expect(reply).toMatchObject({ ok: true, value: 1275, cursor: { offset: 51 } });
  const events = await readAll(kernel, 'counter/a');
  expect(events.map(({ body }) => body)).toEqual(Array.from({ length: 51 }, (_, n) => ({ n })));
});

test('[L8] the directory and its files belong to their owner alone', async () => {
  const dir = join(tempDir(), 'log');
  const kernel = await openKernel(dir);
  await add(kernel, 1, 1);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  for (const file of readdirSync(dir)) expect(statSync(join(dir, file)).mode & 0o077).toBe(0);
});

test('[K2] the same command again gets the same reply: in flight, after it, and after a restart', async () => {
  const dir = tempDir();
  let kernel = await openKernel(dir);
  const [first, twin] = await Promise.all([add(kernel, 1, 5), add(kernel, 1, 5)]);
  expect(first).toMatchObject({ ok: true, value: 5 });
  expect(twin).toEqual(first);
  expect(await add(kernel, 1, 5)).toEqual(first);
  await kernel.close();
  kernel = await openKernel(dir);
  expect(await add(kernel, 1, 5)).toEqual(first);
  expect(await readAll(kernel, 'counter/a')).toHaveLength(1);
});

test('[K2] an id used for another command is refused, in flight and later', async () => {
  const kernel = await openKernel(tempDir());
  const [, other] = await Promise.all([add(kernel, 1, 5), add(kernel, 1, 6)]);
  expect(other).toMatchObject({ ok: false, error: { code: 'id_reused' } });
  expect(await add(kernel, 1, 7)).toMatchObject({ ok: false, error: { code: 'id_reused' } });
});

test('[K2] a decided refusal has a receipt; a fault has none', async () => {
  const dir = tempDir();
  let kernel = await openKernel(dir);
  const refusal = await kernel.execute(null, command('c', 1, 'counter/a', 'forbidden'));
  expect(refusal).toMatchObject({ ok: false, error: { code: 'not_allowed' } });
  expect(await kernel.execute(null, command('c', 2, 'counter/a', 'crash'))).toMatchObject({
    error: { code: 'internal' },
  });
  await kernel.close();
  kernel = await openKernel(dir);
  expect(await add(kernel, 1, 1)).toMatchObject({ ok: false, error: { code: 'id_reused' } });
  expect(await add(kernel, 2, 1)).toMatchObject({ ok: true });
});

test('[K2] receipts go seven days after the acknowledgement, and the id is then refused, never run', async () => {
  let now = 1_000_000_000_000;
  const kernel = await openKernel(tempDir(), { now: () => now });
  const first = await add(kernel, 1, 1);
  await add(kernel, 2, 1);
  kernel.ack('c', 1);
  expect(await kernel.sweep()).toBe(0);
  now += RECEIPT_KEEP_MS - 1;
  expect(await kernel.sweep()).toBe(0);
  expect(await add(kernel, 1, 1)).toEqual(first);
  now += 1;
  expect(await kernel.sweep()).toBe(1);
  expect(await add(kernel, 1, 1)).toMatchObject({ ok: false, error: { code: 'receipt_expired' } });
  expect(await add(kernel, 2, 1)).toMatchObject({ ok: true, value: 2 });
  expect((await kernel.state<Counter>('counter/a')).state.total).toBe(2);
});

test('[K3] a full mailbox refuses without a receipt', async () => {
  const kernel = await openKernel(tempDir());
  const replies = await Promise.all(Array.from({ length: MAILBOX + 8 }, (_, i) => add(kernel, i + 1, 1)));
  const refused = replies.filter((reply) => !reply.ok);
  expect(refused).toHaveLength(8);
  expect(refused[0]).toMatchObject({ error: { code: 'mailbox_full' } });
  expect(await add(kernel, MAILBOX + 1, 1)).toMatchObject({ ok: true, value: MAILBOX + 1 });
});

test('[K3] a tell is decided in the same unit: one refusal refuses the whole', async () => {
  const dir = tempDir();
  let kernel = await openKernel(dir);
  const pay = (seq: number, type: string) =>
    kernel.execute(null, command('c', seq, 'ledger', 'pay', { to: 'counter/a', n: 3, type }));
  expect(await pay(1, 'add')).toMatchObject({ ok: true, value: 'paid' });
  expect(await pay(2, 'no')).toMatchObject({ ok: false, error: { code: 'not_allowed' } });
  expect((await kernel.state('ledger')).state).toEqual({ paid: 3 });
  await kernel.close();
  kernel = await openKernel(dir);
  expect((await kernel.state('ledger')).state).toEqual({ paid: 3 });
  expect((await kernel.state<Counter>('counter/a')).state.total).toBe(3);
});

test('[L2] [K3] whoever is told that a stream has changed finds all of the transaction, in whichever streams', async () => {
  const kernel = await openKernel(tempDir());
  const pay = (seq: number, to: string) =>
    kernel.execute(null, command('c', seq, 'ledger', 'pay', { to, n: 3, type: 'add' }));
  await pay(1, 'counter/a');
  const seen: unknown[] = [];
  kernel.changed('ledger', () => seen.push(kernel.head('counter/b')?.head));
  await pay(2, 'counter/b');
  expect(seen).toEqual([1]);
});

test('[K5] an unknown target and a malformed id are refused by name', async () => {
  const kernel = await openKernel(tempDir());
  for (const bad of [
    command('c', 1, 'nobody', 'x'),
    command('', 1, 'counter', 'x'),
    command('c', 0, 'counter', 'x'),
  ]) {
    expect(await kernel.execute(null, bad)).toMatchObject({ ok: false, error: { code: 'bad_request' } });
  }
});

test('[K4] an effect starts after its event and its outcome becomes an event', async () => {
  const dir = tempDir();
  const kernel = await openKernel(dir);
  const seen: EffectContext[] = [];
  kernel.registerEffect({
    kind: 'fetch',
    idempotent: true,
    run: async (body, ctx) => {
      seen.push(ctx);
      expect(kernel.head('counter/a')?.head).toBe(1);
      return body;
    },
  });
  await kernel.execute(null, command('c', 1, 'counter/a', 'work', { id: 'e1', kind: 'fetch' }));
  const cursor = await kernel.subscribe({ stream: 'counter/a', from: { epoch: 0, offset: 1 }, follow: true });
  await cursor.next();
  expect((await kernel.state<Counter>('counter/a')).state.outcomes).toEqual([
    { id: 'e1', kind: 'fetch', status: 'done', value: { id: 'e1' } },
  ]);
  expect(seen).toMatchObject([{ resumed: false, target: 'counter/a' }]);
});

test('[K4] an effect that began before the start is not taken up by it', async () => {
  const kernel = await openKernel(tempDir());
  const resumed: boolean[] = [];
  const gate = Promise.withResolvers<void>();
  const run = async (_: unknown, context: EffectContext) => {
    resumed.push(context.resumed);
    await gate.promise;
  };
  kernel.registerEffect({ kind: 'again', idempotent: true, run });
  kernel.registerEffect({ kind: 'once', idempotent: false, run });
  await kernel.execute(null, command('c', 1, 'counter/a', 'work', { id: 'e', kind: 'again' }));
  await kernel.execute(null, command('c', 2, 'counter/a', 'work', { id: 'f', kind: 'once' }));
  kernel.start();
  gate.resolve();
  const cursor = await kernel.subscribe({ stream: 'counter/a', from: { epoch: 0, offset: 2 }, follow: true });
  for (let seen = 0; seen < 2; ) seen += (await cursor.next())?.count ?? 0;
  cursor.close();
  expect(resumed).toEqual([false, false]);
  const { outcomes } = (await kernel.state<Counter>('counter/a')).state;
  expect(outcomes).toMatchObject([{ status: 'done' }, { status: 'done' }]);
});

test('[K4] an effect cut off is run again if that does no harm, and otherwise recorded as unknown', async () => {
  const dir = tempDir();
  let kernel = await openKernel(dir);
  const hang = () => new Promise<never>(() => {});
  kernel.registerEffect({ kind: 'safe', idempotent: true, run: hang });
  kernel.registerEffect({ kind: 'prompt', idempotent: false, run: hang });
  await kernel.execute(null, command('c', 1, 'counter/a', 'work', { id: 's', kind: 'safe' }));
  await kernel.execute(null, command('c', 2, 'counter/a', 'work', { id: 'p', kind: 'prompt' }));
  await kernel.close();
  kernel = await openKernel(dir);
  const resumed: boolean[] = [];
  const never = async () => expect.unreachable();
  kernel.registerEffect({ kind: 'safe', idempotent: true, run: async (_, ctx) => resumed.push(ctx.resumed) });
  kernel.registerEffect({ kind: 'prompt', idempotent: false, run: never });
  const cursor = await kernel.subscribe({ stream: 'counter/a', from: { epoch: 0, offset: 2 }, follow: true });
  kernel.start();
  for (let count = 0; count < 2; ) count += (await cursor.next())?.count ?? 2;
  const { outcomes } = (await kernel.state<Counter>('counter/a')).state;
  expect(outcomes).toContainEqual({ id: 's', kind: 'safe', status: 'done', value: 1 });
  expect(outcomes).toContainEqual({ id: 'p', kind: 'prompt', status: 'unknown' });
  expect(resumed).toEqual([true]);
  await kernel.close();
  kernel = await openKernel(dir);
  expect(kernel.stats().effectsPending).toBe(0);
});

test('[L3] a follower waits at the head, gets each event once, and ends when closed', async () => {
  const kernel = await openKernel(tempDir());
  await add(kernel, 1, 1);
  const cursor = await kernel.subscribe({ stream: 'counter/a', from: { epoch: 0, offset: 0 }, follow: true });
  const pages: Page[] = [];
  const reading = (async () => {
    for (let page = await cursor.next(); page; page = await cursor.next()) {
      pages.push(page);
      if (page.first + page.count > 40) cursor.close();
    }
  })();
  for (let seq = 2; seq <= 40; seq += 1) await add(kernel, seq, seq);
  await reading;
  const events = pages.flatMap(({ data }) => unpackEvents(data));
  expect(events.map(({ body }) => (body as { n: number }).n)).toEqual(
    Array.from({ length: 40 }, (_, i) => i + 1),
  );
});

test('[L4] a cursor outside the log gets the error that fits, with the bounds', async () => {
  const kernel = await openKernel(tempDir(), { snapshotEvery: 10 });
  for (let seq = 1; seq <= 30; seq += 1) await add(kernel, seq, seq);
  expect(await kernel.retain('counter/a', 25)).toBe(21);
  const { epoch } = kernel.head('counter/a') ?? { epoch: 0 };
  const from = (cursor: { epoch: number; offset: number }) =>
    kernel.subscribe({ stream: 'counter/a', from: cursor, follow: false });
  const data = { epoch, first: 21, head: 30 };
  await expect(from({ epoch, offset: 0 })).rejects.toMatchObject({ code: 'cursor_before_retained', data });
  await expect(from({ epoch, offset: 31 })).rejects.toMatchObject({ code: 'cursor_past_head', data });
  await expect(from({ epoch: epoch + 1, offset: 25 })).rejects.toMatchObject({
    code: 'cursor_wrong_epoch',
    data,
  });
  expect(await readAll(kernel, 'counter/a', 20)).toHaveLength(10);
});

test('[L4] a cursor past the head proves a rollback: a new epoch begins and says where the old one ended', async () => {
  const dir = tempDir();
  let kernel = await openKernel(dir);
  await add(kernel, 1, 1);
  const old = kernel.head('counter/a')?.epoch ?? 0;
  const cursor = await kernel.provenRollback('counter/a', { epoch: old, offset: 9 });
  expect(cursor).toMatchObject({ offset: 2 });
  expect(cursor.epoch).not.toBe(old);
  expect(await add(kernel, 2, 1)).toMatchObject({
    ok: true,
    value: 2,
    cursor: { epoch: cursor.epoch, offset: 3 },
  });
  await kernel.close();
  kernel = await openKernel(dir);
  expect((await readAll(kernel, 'counter/a'))[1]).toMatchObject({
    type: 'log.epoch',
    body: { oldEpoch: old, offset: 1, reason: 'rollback' },
  });
});

test('[K3] a kind keeps its state pure: what decide made is not what apply gets', async () => {
  const kernel = await openKernel(tempDir());
  const body = { n: 1, when: undefined };
  kernel.registerActor({
    ...counter,
    kind: 'pure',
    decide: () => ({ events: [{ type: 'added', body }] }),
    apply: (state, event) => {
      expect(event.body).not.toBe(body);
      return state;
    },
  });
  expect(await add(kernel, 1, 1, 'pure')).toMatchObject({ ok: true });
});
