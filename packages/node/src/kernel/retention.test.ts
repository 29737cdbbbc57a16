/** Snapshots, retention, blobs and purges (L5, L8). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BLOB_CHUNK, MAX_INLINE_BODY } from '@skein/protocol/limits';
import { afterEach, expect, test } from 'vitest';
import { pack } from './codec.ts';
import { add, type Counter, cleanUp, command, openKernel, readAll, tempDir } from './counter.fixture.ts';
import type { Reducer } from './types.ts';

afterEach(cleanUp);

test('[L5] snapshot and tail give the same bytes as the live state, after retention too', async () => {
  const dir = tempDir();
  let kernel = await openKernel(dir, { snapshotEvery: 7 });
  for (let seq = 1; seq <= 40; seq += 1) await add(kernel, seq, seq);
  const live = pack((await kernel.state('counter/a')).state);
  await kernel.retain('counter/a', 30);
  await kernel.close();
  kernel = await openKernel(dir, { snapshotEvery: 7 });
  expect(pack((await kernel.state('counter/a')).state)).toEqual(live);
});

test('[L5] a projection begins at a snapshot of its own version only', async () => {
  const dir = tempDir();
  const applied: number[] = [];
  const sum = (version: number): Reducer<number> => ({
    name: 'sum',
    version,
    initial: () => 0,
    apply: (state, event, offset) => {
      applied.push(offset);
      return state + (event.body as { n: number }).n;
    },
  });
  let kernel = await openKernel(dir, { snapshotEvery: 5 });
  for (let seq = 1; seq <= 6; seq += 1) await add(kernel, seq, 2);
  expect(await kernel.projection('counter/a', sum(1))).toMatchObject({ state: 12, cursor: { offset: 6 } });
  await add(kernel, 7, 2);
  await kernel.close();
  kernel = await openKernel(dir);
  applied.length = 0;
  expect((await kernel.projection('counter/a', sum(1))).state).toBe(14);
  expect(applied).toEqual([7]);
  expect((await kernel.projection('counter/a', sum(2))).state).toBe(14);
  expect(applied).toHaveLength(8);
});

test('[L8] a large body becomes a blob, is read in chunks, and comes back whole in the state', async () => {
  const dir = tempDir();
  const text = 'x'.repeat(MAX_INLINE_BODY * 2);
  let kernel = await openKernel(dir);
  await kernel.execute(null, command('c', 1, 'counter/a', 'large', { text }));
  const [event] = await readAll(kernel, 'counter/a');
  expect(event?.body).toBeUndefined();
  const first = await kernel.readBlob(event?.blob?.hash ?? '', 0);
  expect(first).toHaveLength(BLOB_CHUNK);
  await kernel.close();
  kernel = await openKernel(dir);
  expect((await kernel.state<Counter>('counter/a')).state.outcomes).toEqual([{ text }]);
});

test('[L8] a purge leaves no byte of the stream in the directory, and others as they were', async () => {
  const dir = tempDir();
  const canary = 'canary-5f1e';
  const kernel = await openKernel(dir, { snapshotEvery: 10 });
  for (let seq = 1; seq <= 60; seq += 1) {
    const text = canary.repeat(seq % 20 === 0 ? 10_000 : 40);
    await kernel.execute(canary, command('c', seq, `counter/${canary}`, 'large', { text }));
    await add(kernel, seq, seq, 'counter/b', 'd');
  }
  await kernel.purge(`counter/${canary}`);
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    expect(readFileSync(path).includes(canary), path).toBe(false);
  }
  expect(await readAll(kernel, 'counter/b')).toHaveLength(60);
  expect(kernel.head(`counter/${canary}`)).toBeUndefined();
  expect(await add(kernel, 61, 1, `counter/${canary}`)).toMatchObject({ ok: true, cursor: { offset: 1 } });
  expect(existsSync(join(dir, 'blobs')) ? readdirSync(join(dir, 'blobs')) : []).toEqual([]);
});
