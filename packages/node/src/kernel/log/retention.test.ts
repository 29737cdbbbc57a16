/** Snapshots, retention, blobs and purges (L5, L8). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BLOB_CHUNK, MAX_INLINE_BODY } from '@skein/protocol/limits';
import { afterEach, expect, test } from 'vitest';
import { pack } from '../codec.ts';
import {
  add,
  type Counter,
  cleanUp,
  command,
  counter,
  openKernel,
  readAll,
  tempDir,
} from '../counter.fixture.ts';
import type { Kernel } from '../kernel.ts';
import { Stream } from '../streams/registry.ts';
import { fetchPage, type Replayed, replay } from '../streams/replay.ts';
import type { ActorKind, Reducer } from '../types.ts';
import type { ReaderOps } from '../wire.ts';
import type { WorkerLink } from '../worker/link.ts';
import { readerHandlers } from '../worker/reader.ts';
import { writerHandlers } from '../worker/writer.ts';
import { openWriter } from './schema.ts';

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

test('[L5] whoever asks for more than is kept changes nothing', async () => {
  const onDamage = ({ reason }: { reason: string }) => expect.unreachable(reason);
  const kernel = await openKernel(tempDir(), { snapshotEvery: 10, onDamage });
  for (let seq = 1; seq <= 45; seq += 1) await add(kernel, seq, seq);
  expect(await kernel.retain('counter/a', 41)).toBe(41);
  expect(await kernel.retain('counter/a', 35)).toBe(41);
  expect(await kernel.retain('counter/a', 41)).toBe(41);
  expect(await readAll(kernel, 'counter/a', 40)).toHaveLength(5);
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

/** Every byte of every file below a directory. */
function expectNowhere(dir: string, text: string): void {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    expect(readFileSync(path).includes(text), path).toBe(false);
  }
}

test('[L8] a purge takes the receipts of commands to others that concerned the stream, and never runs them again', async () => {
  const dir = tempDir();
  const canary = 'canary-77ab';
  const kernel = await openKernel(dir);
  const target = `counter/${canary}`;
  const scribe: ActorKind<null> = {
    kind: 'scribe',
    version: 1,
    initial: () => null,
    apply: (state) => state,
    decide: (_, { type, body }) => {
      const about = [target];
      if (type === 'refuse') return { refuse: { code: 'name_taken', message: `${body} is taken.` }, about };
      if (type === 'tell') return { tell: [{ target, type: 'add', body: { n: 1 } }], reply: body };
      return { reply: body, about };
    },
  };
  kernel.registerActor(scribe);
  const types = ['tell', 'say', 'refuse'];
  const ask = (i: number) => kernel.execute(null, command('c', i + 1, 'scribe', types[i] ?? '', canary));
  for (const i of types.keys()) await ask(i);
  const other = await kernel.execute(null, command('c', 9, 'scribe', 'say', 'other'));
  await kernel.purge(target);
  expectNowhere(dir, canary);
  for (const i of types.keys()) {
    expect(await ask(i)).toMatchObject({ ok: false, error: { code: 'receipt_expired' } });
  }
  expect(kernel.head(target)).toBeUndefined();
  expect(other).toMatchObject({ ok: true });
});

test('[L8] commands go on during a purge; one cut off goes on at the next start', async () => {
  const dir = tempDir();
  const canary = 'canary-9c0d';
  let kernel = await openKernel(dir);
  const text = canary.repeat(300);
  const fill = async (one: Kernel, from: number, to: number) => {
    for (let seq = from; seq <= to; seq += 1) {
      await one.execute(null, command('c', seq, `counter/${canary}`, 'large', { text }));
      await add(one, seq, seq, 'counter/b', 'd');
    }
  };
  await fill(kernel, 1, 400);
  const purged = kernel.purge(`counter/${canary}`);
  const during = await Promise.all(
    Array.from({ length: 50 }, (_, i) => add(kernel, 401 + i, 1, 'counter/b', 'd')),
  );
  for (const reply of during) expect(reply).toMatchObject({ ok: true });
  await kernel.close();
  await purged;
  kernel = await openKernel(dir, { onDamage: ({ reason }) => expect.unreachable(reason) });
  // A second purge waits for nothing of the first, but both end before the log is closed after the last slice.
  await add(kernel, 451, 1, 'counter/z', 'd');
  await kernel.purge('counter/z');
  while (kernel.stats().removing > 0) await new Promise((resolve) => setImmediate(resolve));
  expectNowhere(dir, canary);
  expect(await readAll(kernel, 'counter/b')).toHaveLength(450);
});

test('[L5] a new version of a kind goes on from an older snapshot if it can, and else says why it cannot', async () => {
  const dir = tempDir();
  let kernel = await openKernel(dir, { snapshotEvery: 10 });
  for (let seq = 1; seq <= 25; seq += 1) await add(kernel, seq, seq);
  expect(await kernel.retain('counter/a', 15)).toBe(11);
  await kernel.close();
  kernel = await openKernel(dir, { onDamage: ({ reason }) => expect.unreachable(reason) });
  kernel.registerActor({ ...counter, version: 2 });
  const data = { reducer: 'counter', version: 2, found: 1, first: 11 };
  await expect(kernel.state('counter/a')).rejects.toMatchObject({ code: 'unsupported_version', data });
  expect(await add(kernel, 26, 1)).toMatchObject({ ok: false, error: { code: 'unsupported_version' } });
  await kernel.close();
  const doubled = (event: Counter) => ({ ...event, total: event.total * 2 });
  const second: ActorKind<Counter> = {
    ...counter,
    version: 2,
    migrate: (state, from) => (from === 1 ? doubled(state as Counter) : undefined),
  };
  kernel = await openKernel(dir, { snapshotEvery: 10 });
  kernel.registerActor(second);
  const migrated = (await kernel.state<Counter>('counter/a')).state.total;
  expect(migrated).toBe(210 * 2 + 21 + 22 + 23 + 24 + 25);
  // The refusal left no receipt, and the next commit leaves a snapshot of the new version.
  expect(await add(kernel, 26, 5)).toMatchObject({ ok: true, value: migrated + 5 });
  await add(kernel, 27, 0);
  expect(await kernel.retain('counter/a', 27)).toBe(27);
  await kernel.close();
  kernel = await openKernel(dir);
  kernel.registerActor({ ...counter, version: 2 });
  expect((await kernel.state<Counter>('counter/a')).state.total).toBe(migrated + 5);
});

test('[L4] a page asked for while the log is cut or removed is refused, and no later event given for an earlier', async () => {
  const dir = tempDir();
  const kernel = await openKernel(dir, { snapshotEvery: 10 });
  for (let seq = 1; seq <= 45; seq += 1) await add(kernel, seq, seq);
  await kernel.execute(
    null,
    command('c', 46, 'counter/a', 'large', { text: 'x'.repeat(MAX_INLINE_BODY * 2) }),
  );
  const { epoch = 0 } = kernel.head('counter/a') ?? {};
  await kernel.close();
  const [writer, worker] = [writerHandlers(dir), readerHandlers(dir)];
  const { streams } = writer.open({ now: Date.now() });
  worker.open(null);
  const reader: Pick<WorkerLink<ReaderOps>, 'call'> = { call: async (op, args) => worker[op](args) };
  const [row = { number: 0, name: '', epoch, first: 1, head: 0 }] = streams;
  // As it was known before the answers of the writer.
  const stream = new Stream(row);
  expect(await fetchPage(reader, stream, 6, 46)).toMatchObject({ first: 6, count: 41 });
  writer.retain({ stream: row.number, name: 'counter', version: 1, before: 44 });
  const bounds = { stream: 'counter/a', epoch, first: 41, head: 46 };
  const cut = { code: 'cursor_before_retained', data: bounds };
  await expect(fetchPage(reader, stream, 6, 46)).rejects.toMatchObject(cut);
  expect(await fetchPage(reader, stream, 41, 46)).toMatchObject({ first: 41, count: 6 });
  const seen: Replayed<number> = { state: 0, offset: 40, snapshotAt: 0 };
  const removing: Reducer<number> = {
    name: 'removing',
    version: 1,
    initial: () => 0,
    apply: (state, _, offset) => {
      if (offset === 45) writer.purge({ streams: [{ stream: row.number, name: 'counter/a' }] });
      return state;
    },
  };
  // The blob of the last event goes while those before it are applied: no damage, for the event went too.
  await expect(replay(reader, removing, 'counter/a', stream, seen)).rejects.toMatchObject({ code: 'gone' });
  worker.close(null);
  writer.close({ now: Date.now() });
});

test('[L5] a projection in memory that is behind a cut begins at what is kept, and counts nothing twice', async () => {
  const kernel = await openKernel(tempDir(), { snapshotEvery: 10 });
  const seen: Reducer<number[]> = {
    name: 'seen',
    version: 1,
    initial: () => [],
    apply: (state, event) => [...state, (event.body as { n: number }).n],
  };
  for (let seq = 1; seq <= 9; seq += 1) await add(kernel, seq, seq);
  expect((await kernel.projection('counter/a', seen)).state).toHaveLength(9);
  for (let seq = 10; seq <= 35; seq += 1) await add(kernel, seq, seq);
  expect(await kernel.retain('counter/a', 25)).toBe(21);
  // It never had a snapshot, and what it would begin with is gone.
  await expect(kernel.projection('counter/a', seen)).rejects.toMatchObject({ code: 'unsupported_version' });
});

test('[L5] retention cuts at no snapshot that is damaged', async () => {
  const dir = tempDir();
  let kernel = await openKernel(dir, { snapshotEvery: 10 });
  for (let seq = 1; seq <= 25; seq += 1) await add(kernel, seq, seq);
  await kernel.close();
  const db = openWriter(dir);
  db.exec("UPDATE snapshots SET state = x'00' WHERE offset = 20");
  db.close();
  kernel = await openKernel(dir, { snapshotEvery: 10 });
  expect(await kernel.retain('counter/a', 24)).toBe(11);
  await kernel.close();
  kernel = await openKernel(dir);
  expect((await kernel.state<Counter>('counter/a')).state.added).toHaveLength(25);
});
