/** What must hold when blobs, or what refers to them, were altered or lost (L6, L8). */
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_INLINE_BODY } from '@skein/protocol/limits';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { add, type Counter, cleanUp, command, openKernel, readAll, tempDir } from '../counter.fixture.ts';
import type { Kernel } from '../kernel.ts';
import { PAGE_SIZE } from '../log/schema.ts';
import { sealAll } from '../log/seal.fixture.ts';
import type { DamageReport } from '../options.ts';

afterEach(cleanUp);

/** A body that is kept as a blob. */
const large = (n: number) => ({ text: `${n} `.repeat(MAX_INLINE_BODY) });

function say(kernel: Kernel, seq: number, target = 'counter/a', client = 'c') {
  return kernel.execute(null, command(client, seq, target, 'large', large(seq)));
}

const blobs = (dir: string) => readdirSync(join(dir, 'blobs'));

test('[L8] the blobs of sound events outlive damage to what refers to them', async () => {
  const dir = tempDir();
  const reports: DamageReport[] = [];
  let kernel = await openKernel(dir);
  for (let seq = 1; seq <= 3; seq += 1) await say(kernel, seq);
  await kernel.close();
  const file = join(dir, 'log.db');
  const db = new Database(file);
  const root = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'blob_refs'").pluck().get();
  db.close();
  const fd = openSync(file, 'r+');
  writeSync(fd, Buffer.from([0xff]), 0, 1, (Number(root) - 1) * PAGE_SIZE);
  closeSync(fd);
  // The repair itself, and the next start, which sweeps.
  for (let start = 1; start <= 2; start += 1) {
    kernel = await openKernel(dir, { onDamage: (report) => reports.push(report) });
    expect(reports.map((report) => report.streams)).toEqual([[]]);
    expect((await kernel.state<Counter>('counter/a')).state.outcomes).toEqual([1, 2, 3].map(large));
    await kernel.close();
  }
  expect(blobs(dir)).toHaveLength(3);
  kernel = await openKernel(dir);
  expect(await add(kernel, 4, 1)).toMatchObject({ ok: true, cursor: { offset: 4 } });
  await kernel.purge('counter/a');
  expect(blobs(dir)).toEqual([]);
});

function alter(path: string): void {
  const bytes = readFileSync(path);
  bytes[500] = (bytes[500] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

test.each(['altered', 'missing'])(
  '[L6] a blob that is %s is damage of its stream alone: cut there by one repair, after which all is served',
  async (fault) => {
    const dir = tempDir();
    const reports: DamageReport[] = [];
    const onDamage = (report: DamageReport) => reports.push(report);
    let kernel = await openKernel(dir);
    await add(kernel, 1, 7);
    await say(kernel, 2);
    await add(kernel, 3, 8);
    await say(kernel, 1, 'counter/b', 'd');
    const { epoch = 0 } = kernel.head('counter/a') ?? {};
    const [event] = await readAll(kernel, 'counter/a', 1);
    await kernel.close();
    const path = join(dir, 'blobs', event?.blob?.hash ?? '?');
    if (fault === 'altered') alter(path);
    else rmSync(path);

    kernel = await openKernel(dir, { onDamage });
    await expect(kernel.state('counter/a')).rejects.toMatchObject({ code: 'log_damaged' });
    await kernel.repaired();
    expect(reports.map(({ streams }) => streams)).toMatchObject([
      [{ stream: 'counter/a', oldEpoch: epoch, kept: 1, lost: 2 }],
    ]);
    expect((await kernel.state<Counter>('counter/a')).state).toMatchObject({ total: 7, outcomes: [] });
    expect(await readAll(kernel, 'counter/a', 1)).toMatchObject([{ type: 'log.epoch' }]);
    // The same body is stored anew, rather than taken to be there.
    expect(await say(kernel, 2, 'counter/a', 'e')).toMatchObject({ ok: true });
    expect((await kernel.state<Counter>('counter/b')).state.outcomes).toEqual([large(1)]);
    await kernel.close();

    kernel = await openKernel(dir, { onDamage });
    expect((await kernel.state<Counter>('counter/a')).state.outcomes).toEqual([large(2)]);
    expect(reports).toHaveLength(1);
    const aside = readdirSync(dir).filter((name) => name.startsWith('log.damaged-'));
    expect(aside.toSorted()).toEqual(reports[0]?.aside.toSorted());
    expect(aside.filter((name) => name.includes('.blob-'))).toHaveLength(fault === 'altered' ? 1 : 0);
  },
);

test('[L6] an effect that ends on a stream with a damaged blob is recorded after one repair', async () => {
  const dir = tempDir();
  const reports: DamageReport[] = [];
  const never = () => new Promise<never>(() => {});
  let kernel = await openKernel(dir);
  kernel.registerEffect({ kind: 'job', idempotent: true, run: never });
  await say(kernel, 1);
  await kernel.execute(null, command('c', 2, 'counter/a', 'work', { id: 'w', kind: 'job' }));
  await kernel.close();
  for (const name of blobs(dir)) alter(join(dir, 'blobs', name));
  kernel = await openKernel(dir, { onDamage: (report) => reports.push(report) });
  kernel.registerEffect({ kind: 'job', idempotent: true, run: async () => 'done' });
  const repaired = new Promise<void>((resolve) => void kernel.changed('counter/a', resolve));
  kernel.start();
  await repaired;
  const from = { epoch: 0, offset: 1 };
  const cursor = await kernel.subscribe({ stream: 'counter/a', from, follow: true });
  expect(await cursor.next()).toMatchObject({ first: 2, count: 1 });
  cursor.close();
  const { outcomes } = (await kernel.state<Counter>('counter/a')).state;
  expect(outcomes).toMatchObject([{ id: 'w', value: 'done' }]);
  expect(reports).toHaveLength(1);
});

test('[L6] of a sealed row a repair keeps what comes before the event whose blob was lost', async () => {
  const dir = tempDir();
  const reports: DamageReport[] = [];
  let kernel = await openKernel(dir);
  for (let seq = 1; seq <= 200; seq += 1) await (seq === 100 ? say(kernel, seq) : add(kernel, seq, seq));
  await kernel.close();
  expect(sealAll(dir)).toBeGreaterThan(0);
  for (const name of blobs(dir)) alter(join(dir, 'blobs', name));
  kernel = await openKernel(dir, { onDamage: (report) => reports.push(report) });
  await expect(kernel.state('counter/a')).rejects.toMatchObject({ code: 'log_damaged' });
  await kernel.repaired();
  expect(reports.map(({ streams }) => streams)).toMatchObject([[{ kept: 99, lost: 101 }]]);
  expect((await kernel.state<Counter>('counter/a')).state.added).toHaveLength(99);
});
