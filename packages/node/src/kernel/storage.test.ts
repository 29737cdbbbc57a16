/** What must hold when storage fails, the process dies, or readers are slow (L2, L3, F1, F10). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { pack } from './codec.ts';
import { add, type Counter, cleanUp, command, openKernel, readAll, tempDir } from './counter.fixture.ts';
import type { Kernel } from './kernel.ts';

afterEach(cleanUp);

const total = async (kernel: Kernel) => (await kernel.state<Counter>('counter/a')).state.total;

test('[L2] a full disk refuses without receipts, undoes what was applied, and the log goes on when there is space', async () => {
  const dir = tempDir();
  let kernel = await openKernel(dir);
  await add(kernel, 1, 1);
  // A client that the kernel knows is decided in the same turn, so that all four share a transaction.
  await add(kernel, 9, 1, 'counter/b', 'd');
  await kernel.limitStorage(1);
  const text = 'x'.repeat(30_000);
  const fill = (seq: number) => kernel.execute(null, command('d', seq, 'counter/a', 'large', { text }));
  const replies = await Promise.all([fill(10), add(kernel, 2, 10), fill(11), add(kernel, 3, 100)]);
  for (const reply of replies)
    expect(reply).toMatchObject({ ok: false, error: { code: 'storage_unavailable' } });
  expect(await total(kernel)).toBe(1);
  expect(kernel.head('counter/a')?.head).toBe(1);
  expect(await fill(10)).toMatchObject({ ok: false, error: { code: 'storage_unavailable' } });
  await kernel.limitStorage(0);
  // The same ids run now: a refusal of storage left no receipt.
  expect(await add(kernel, 2, 20)).toMatchObject({ ok: true, value: 21, cursor: { offset: 2 } });
  expect(await fill(10)).toMatchObject({ ok: true });
  const live = pack((await kernel.state('counter/a')).state);
  await kernel.close();
  kernel = await openKernel(dir);
  expect(pack((await kernel.state('counter/a')).state)).toEqual(live);
});

test('[L2] a stream whose first event was never stored does not exist', async () => {
  const kernel = await openKernel(tempDir());
  await kernel.limitStorage(0);
  await kernel.limitStorage(1);
  const text = 'x'.repeat(60_000);
  const reply = await kernel.execute(null, command('c', 1, 'counter/new', 'large', { text }));
  expect(reply).toMatchObject({ ok: false, error: { code: 'storage_unavailable' } });
  expect(kernel.streams()).toEqual([]);
  await kernel.limitStorage(0);
  expect(await add(kernel, 1, 4, 'counter/new')).toMatchObject({ ok: true, cursor: { offset: 1 } });
});

test('[L2] killed at random moments, the log holds every acknowledged event, and none twice', async () => {
  const dir = tempDir();
  const script = fileURLToPath(new URL('./crash.fixture.ts', import.meta.url));
  let acknowledged = 0;
  for (let round = 0; round < 5; round += 1) {
    const child = spawn(process.execPath, [script, dir, String(acknowledged + 1)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let seen = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Math.max(acknowledged, Number(line));
      seen += 1;
      if (seen === 60 + round * 37) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const kernel = await openKernel(dir, { onDamage: (report) => expect.unreachable(report.reason) });
    const { added } = (await kernel.state<Counter>('counter/a')).state;
    expect(added.length).toBeGreaterThanOrEqual(acknowledged);
    expect(added).toEqual(Array.from({ length: added.length }, (_, i) => i + 1));
    await kernel.close();
  }
  expect(acknowledged).toBeGreaterThan(300);
});

test('[L3] readers that take nothing cost no memory, and read all of it later', async () => {
  const kernel = await openKernel(tempDir());
  await add(kernel, 1, 1);
  const from = { epoch: 0, offset: 0 };
  const slow = await Promise.all(
    Array.from({ length: 200 }, () => kernel.subscribe({ stream: 'counter/a', from, follow: true })),
  );
  await Promise.all(slow.map((cursor) => cursor.next()));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage();
  const text = 'y'.repeat(4_000);
  for (let burst = 0; burst < 10; burst += 1) {
    const seqs = Array.from({ length: 100 }, (_, i) => burst * 100 + i + 2);
    await Promise.all(
      seqs.map((seq) => kernel.execute(null, command('c', seq, 'counter/a', 'large', { text }))),
    );
    await Promise.all(seqs.map((seq) => add(kernel, seq, 1, 'counter/a', 'd')));
  }
  // The first collection finds what is dead; buffers are freed behind it, on another thread.
  collect();
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  const after = process.memoryUsage();
  // A page kept for each of them would be 25 MiB, a queue for each 1.6 GiB.
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(16 * 1024 * 1024);
  const [one] = slow;
  let count = 1;
  while (one && count < 2001) count += (await one.next())?.count ?? 2001;
  expect(count).toBe(2001);
});

test('[L5] any commands, repeats and reopenings leave the state of a plain model', async () => {
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ is: fc.constant('add' as const), n: fc.integer({ min: 0, max: 9 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        is: fc.constant('pay' as const),
        n: fc.integer({ min: 0, max: 9 }),
        ok: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ is: fc.constant('again' as const), back: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant('reopen' as const) }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant('retain' as const), before: fc.nat(30) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const dir = tempDir();
      let kernel = await openKernel(dir, { snapshotEvery: 4 });
      const model = { added: [] as number[], paid: 0 };
      const sent: { command: ReturnType<typeof command>; reply: unknown }[] = [];
      for (const one of steps) {
        if (one.is === 'reopen') {
          await kernel.close();
          kernel = await openKernel(dir, { snapshotEvery: 4 });
        } else if (one.is === 'retain') {
          if (model.added.length > 0) await kernel.retain('counter/a', one.before);
        } else if (one.is === 'again') {
          const old = sent.at(-1 - one.back);
          if (old) expect(await kernel.execute(null, old.command)).toEqual(old.reply);
        } else {
          const { n } = one;
          const pays = one.is === 'pay';
          const body = pays ? { to: 'counter/a', n, type: one.ok ? 'add' : 'no' } : { n };
          const next = command('m', sent.length + 1, pays ? 'ledger' : 'counter/a', one.is, body);
          sent.push({ command: next, reply: await kernel.execute(null, next) });
          if (!pays || one.ok) model.added.push(n);
          if (pays && one.ok) model.paid += n;
        }
      }
      expect((await kernel.state<Counter>('counter/a')).state.added).toEqual(model.added);
      expect((await kernel.state('ledger')).state).toEqual({ paid: model.paid });
      const { first = 1, head = 0 } = kernel.head('counter/a') ?? {};
      expect(head).toBe(model.added.length);
      const events = head > 0 ? await readAll(kernel, 'counter/a', first - 1) : [];
      expect(events.map(({ body }) => (body as { n: number }).n)).toEqual(model.added.slice(first - 1));
      await kernel.close();
    }),
    { numRuns: 25 },
  );
}, 60_000);
