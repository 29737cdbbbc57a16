/** What must hold when blobs, or what refers to them, were altered or lost (L6, L8). */
import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_INLINE_BODY } from '@skein/protocol/limits';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { add, type Counter, cleanUp, command, openKernel, tempDir } from '../counter.fixture.ts';
import type { Kernel } from '../kernel.ts';
import { PAGE_SIZE } from '../log/schema.ts';
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
