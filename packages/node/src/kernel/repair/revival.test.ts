/** What must hold when a worker of the log dies: the node goes on by itself, and no answer was a lie (L2, K2, K4). */
import { afterEach, expect, test } from 'vitest';
import { add, type Counter, cleanUp, command, openKernel, readAll, tempDir } from '../counter.fixture.ts';
import type { Reply } from '../types.ts';

afterEach(cleanUp);

test('[L2] a dead writer is replaced: what was acknowledged is there, what was refused can be sent again', async () => {
  const dir = tempDir();
  let kernel = await openKernel(dir);
  await add(kernel, 1, 1);
  for (let round = 0; round < 3; round += 1) {
    const first = 2 + round * 20;
    const seqs = Array.from({ length: 20 }, (_, i) => first + i);
    const replies: Promise<Reply>[] = seqs.slice(0, 10).map((seq) => add(kernel, seq, seq));
    await kernel.loseWorker('writer');
    replies.push(...seqs.slice(10).map((seq) => add(kernel, seq, seq)));
    const answers = await Promise.all(replies);
    for (const answer of answers) {
      if (!answer.ok) expect(answer.error.code).toBe('storage_unavailable');
    }
    await kernel.repaired();
    // The same ids again: those that had become durable after all give their receipts, none runs twice.
    for (const [i, seq] of seqs.entries()) {
      const again = await add(kernel, seq, seq);
      expect(again).toMatchObject({ ok: true });
      if (answers[i]?.ok) expect(again).toEqual(answers[i]);
    }
  }
  const { added } = (await kernel.state<Counter>('counter/a')).state;
  expect([...added].sort((a, b) => a - b)).toEqual(Array.from({ length: 61 }, (_, i) => i + 1));
  await kernel.close();
  kernel = await openKernel(dir, { onDamage: ({ reason }) => expect.unreachable(reason) });
  expect((await kernel.state<Counter>('counter/a')).state.added).toEqual(added);
});

test('[L3] a dead reader is replaced, and those who read do not notice', async () => {
  const kernel = await openKernel(tempDir());
  for (let seq = 1; seq <= 5; seq += 1) await add(kernel, seq, seq);
  const from = { epoch: 0, offset: 0 };
  const cursor = await kernel.subscribe({ stream: 'counter/a', from, follow: false });
  const lost = kernel.loseWorker('reader');
  expect(await cursor.next()).toMatchObject({ first: 1, count: 5 });
  expect(await cursor.next()).toBeNull();
  await lost;
  await kernel.repaired();
  expect(await readAll(kernel, 'counter/a')).toHaveLength(5);
  await Promise.all([kernel.loseWorker('reader'), kernel.loseWorker('writer')]);
  await kernel.repaired();
  expect(await add(kernel, 6, 6)).toMatchObject({ ok: true, value: 21 });
  expect(await readAll(kernel, 'counter/a')).toHaveLength(6);
});

test('[L3] nor does one who had a page fetched ahead, and comes for it when the reader is back', async () => {
  const kernel = await openKernel(tempDir());
  const text = 'x'.repeat(30_000);
  for (let seq = 1; seq <= 40; seq += 1)
    await kernel.execute(null, command('c', seq, 'counter/a', 'large', { text }));
  const from = { epoch: 0, offset: 0 };
  const cursor = await kernel.subscribe({ stream: 'counter/a', from, follow: false });
  const first = await cursor.next();
  await kernel.loseWorker('reader');
  await kernel.repaired();
  expect(await cursor.next()).toMatchObject({ first: (first?.count ?? 0) + 1 });
});

test('[K4] an effect whose writer dies has one outcome', async () => {
  const kernel = await openKernel(tempDir());
  kernel.start();
  let finish: () => void = () => {};
  let runs = 0;
  const run = () => {
    runs += 1;
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  };
  kernel.registerEffect({ kind: 'wait', idempotent: false, run });
  await kernel.execute(null, command('c', 1, 'counter/a', 'work', { id: 'e', kind: 'wait' }));
  const lost = kernel.loseWorker('writer');
  finish();
  await lost;
  await kernel.repaired();
  const cursor = await kernel.subscribe({ stream: 'counter/a', from: { epoch: 0, offset: 1 }, follow: true });
  await cursor.next();
  cursor.close();
  expect(runs).toBe(1);
  expect((await kernel.state<Counter>('counter/a')).state.outcomes).toHaveLength(1);
});
