/** What must hold of chunks that were joined under a seal: the same events, the same chain, the same care (L5, L6). */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { add, type Counter, cleanUp, openKernel, readAll, tempDir } from '../counter.fixture.ts';
import type { Kernel } from '../kernel.ts';
import type { DamageReport } from '../options.ts';
import type { Reducer } from '../types.ts';
import { sealAll } from './seal.fixture.ts';

afterEach(cleanUp);

const EVENTS = 700;

/** A closed log of one event a transaction, its small chunks joined. */
async function sealedLog(dir: string, snapshotEvery = 1000, odd = 0): Promise<{ epoch: number }> {
  const kernel = await openKernel(dir, { snapshotEvery });
  for (let seq = 1; seq <= EVENTS; seq += 1) await add(kernel, seq, seq === odd ? 7_654_321 : seq);
  const { epoch } = kernel.head('counter/a') ?? { epoch: 0 };
  await kernel.close();
  expect(sealAll(dir)).toBe(5);
  return { epoch };
}

const amounts = async (kernel: Kernel, after = 0) =>
  (await readAll(kernel, 'counter/a', after)).map(({ body }) => (body as { n: number }).n);
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('[L6] sealed chunks are read from any offset as they were written', async () => {
  const dir = tempDir();
  const { epoch } = await sealedLog(dir);
  const kernel = await openKernel(dir, { onDamage: ({ reason }) => expect.unreachable(reason) });
  for (const after of [0, 1, 100, 255, 256, 257, 511, 512, 699]) {
    expect(await amounts(kernel, after)).toEqual(numbers(after + 1, EVENTS));
  }
  expect(kernel.head('counter/a')).toEqual({ name: 'counter/a', epoch, first: 1, head: EVENTS });
  expect(await add(kernel, EVENTS + 1, 1)).toMatchObject({ ok: true, cursor: { offset: EVENTS + 1 } });
});

test('[L3] a reader in the middle of what is being joined misses nothing', async () => {
  const dir = tempDir();
  let kernel = await openKernel(dir);
  for (let seq = 1; seq <= EVENTS; seq += 1) await add(kernel, seq, seq);
  await kernel.close();
  kernel = await openKernel(dir, { onDamage: ({ reason }) => expect.unreachable(reason) });
  // What was written before this start is joined while these read it, page by page and event by event.
  const whole = Array.from({ length: 5 }, () => amounts(kernel));
  const parts: number[] = [];
  for (let after = 0; after < EVENTS; after += 1) {
    const from = { epoch: 0, offset: after };
    const cursor = await kernel.subscribe({ stream: 'counter/a', from, follow: false });
    parts.push((await cursor.next())?.first ?? 0);
    cursor.close();
  }
  for (const one of await Promise.all(whole)) expect(one).toEqual(numbers(1, EVENTS));
  expect(parts).toEqual(numbers(1, EVENTS));
});

test('[L5] snapshots and retention in the middle of a sealed chunk', async () => {
  const dir = tempDir();
  await sealedLog(dir, 100);
  let kernel = await openKernel(dir, { snapshotEvery: 100 });
  const { state } = await kernel.state<Counter>('counter/a');
  expect(state.added).toEqual(numbers(1, EVENTS));
  const sum: Reducer<number> = { name: 'sum', version: 1, initial: () => 0, apply: (total) => total + 1 };
  expect((await kernel.projection('counter/a', sum)).state).toBe(EVENTS);
  expect(await kernel.retain('counter/a', 650)).toBe(601);
  await kernel.close();
  kernel = await openKernel(dir, { onDamage: ({ reason }) => expect.unreachable(reason) });
  expect(await amounts(kernel, 600)).toEqual(numbers(601, EVENTS));
  expect((await kernel.state<Counter>('counter/a')).state).toEqual(state);
  expect((await kernel.projection('counter/a', sum)).state).toBe(EVENTS);
});

test('[L6] an event altered in a sealed chunk is never served; what comes before it is kept', async () => {
  const dir = tempDir();
  const { epoch } = await sealedLog(dir, 1000, 400);
  const file = join(dir, 'log.db');
  const bytes = readFileSync(file);
  const amount = Buffer.from('ce0074cbb1', 'hex');
  for (let at = bytes.indexOf(amount); at >= 0; at = bytes.indexOf(amount, at + 1)) bytes[at + 4] = 0;
  writeFileSync(file, bytes);
  const reports: DamageReport[] = [];
  const kernel = await openKernel(dir, { onDamage: (report) => reports.push(report) });
  await expect(readAll(kernel, 'counter/a')).rejects.toMatchObject({ code: 'log_damaged' });
  await kernel.repaired();
  expect(reports[0]?.streams).toMatchObject([{ oldEpoch: epoch, kept: 399, lost: EVENTS - 399 }]);
  expect((await kernel.state<Counter>('counter/a')).state.added).toEqual(numbers(1, 399));
});
