/** What is kept beside a stream (L9): with its events or not at all, whole or not at all. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { MAX_CELL, MAX_CELL_KEY } from '../actors/cell-bounds.ts';
import { bytes, cellsOf, keep, openKeepers } from '../cells.fixture.ts';
import { add, cleanUp, tempDir } from '../counter.fixture.ts';
import { filled, type Keep } from '../keeper.fixture.ts';
import type { DamageReport } from '../options.ts';

afterEach(cleanUp);

test('[L9] cells are kept with events or alone, read by the beginning of their keys, and stay over a restart', async () => {
  const dir = tempDir();
  let kernel = await openKeepers(dir);
  const cells = ['a/2', 'a/10', 'b', 'aé'].map((key) => ({ key, value: bytes(key) }));
  expect(await keep(kernel, 'keeper/x', { note: 1, cells })).toMatchObject({
    ok: true,
    cursor: { offset: 1 },
  });
  const alone = [
    { key: 'b', value: bytes('new') },
    { key: 'a/2', value: null },
    { key: 'empty', value: new Uint8Array() },
  ];
  expect(await keep(kernel, 'keeper/x', { cells: alone })).toMatchObject({ ok: true, cursor: { offset: 1 } });
  await keep(kernel, 'keeper/y', { note: 1, cells: [{ key: 'a/3', value: bytes('other') }] });
  for (let round = 0; round < 2; round += 1) {
    expect([...(await kernel.cells('keeper/x', 'a')).keys()]).toEqual(['a/10', 'aé']);
    const all = { 'a/10': bytes('a/10'), aé: bytes('aé'), b: bytes('new'), empty: new Uint8Array() };
    expect(await cellsOf(kernel, 'keeper/x')).toEqual(all);
    expect(kernel.head('keeper/x')?.head).toBe(1);
    await kernel.close();
    kernel = await openKeepers(dir, { onDamage: ({ reason }) => expect.unreachable(reason) });
  }
  await expect(kernel.cells('keeper/z', '')).rejects.toMatchObject({ code: 'not_found' });
});

test('[L9] a large value arrives whole, and stays its owner’s', async () => {
  const kernel = await openKeepers(tempDir());
  const value = filled(7, 9 * 1024 * 1024);
  await keep(kernel, 'keeper/x', { note: 1, cells: [{ key: 'write/1', value }] });
  expect(value).toHaveLength(9 * 1024 * 1024);
  expect(Buffer.compare((await kernel.cells('keeper/x', 'write/')).get('write/1') ?? bytes(''), value)).toBe(
    0,
  );
});

test('[L9] what is too large, has no key or stands beside nothing is a fault, and nothing of its decision happens', async () => {
  const kernel = await openKeepers(tempDir());
  const one = (key: string, size = 1) => ({ note: 1, cells: [{ key, value: new Uint8Array(size) }] });
  const refused = async (body: Keep, code: string) =>
    expect(await keep(kernel, 'keeper/x', body)).toMatchObject({ ok: false, error: { code } });
  await refused({ cells: one('k').cells }, 'internal');
  await refused(one('k', MAX_CELL + 1), 'too_large');
  await refused(one('k'.repeat(MAX_CELL_KEY + 1)), 'too_large');
  await refused(one(''), 'internal');
  await refused(one('\ud800'), 'internal');
  expect(kernel.head('keeper/x')).toBeUndefined();
  const command = {
    id: { client: 'c', seq: 1 },
    target: 'keeper/x',
    type: 'keep',
    body: one('k', MAX_CELL + 1),
  };
  expect(await kernel.execute(null, command)).toMatchObject({ error: { code: 'too_large' } });
  expect(
    await kernel.execute(null, { ...command, body: one('k'.repeat(MAX_CELL_KEY), MAX_CELL) }),
  ).toMatchObject({
    ok: true,
  });
});

test('[L9] a refused unit and a failed commit leave neither events nor cells', async () => {
  const kernel = await openKeepers(tempDir());
  const before = [{ key: 'k', value: bytes('before') }];
  await keep(kernel, 'keeper/x', { note: 1, cells: before });
  const cells = [{ key: 'k', value: bytes('after') }];
  const tell = { target: 'keeper/y', keep: { cells: [], refuse: true } };
  expect(await keep(kernel, 'keeper/x', { note: 2, cells, tell })).toMatchObject({ ok: false });
  await kernel.limitStorage(1);
  for (const size of [10_000, 400_000]) {
    const large = [...cells, { key: 'large', value: filled(1, size) }];
    const replies = await Promise.all([
      keep(kernel, 'keeper/x', { note: 'x'.repeat(30_000), cells: large }),
      keep(kernel, 'keeper/x', { cells }),
    ]);
    for (const reply of replies) {
      expect(reply).toMatchObject({ ok: false, error: { code: 'storage_unavailable' } });
    }
  }
  await kernel.limitStorage(0);
  expect(await cellsOf(kernel, 'keeper/x')).toEqual({ k: bytes('before') });
  expect(kernel.head('keeper/x')?.head).toBe(1);
  expect(await keep(kernel, 'keeper/x', { cells })).toMatchObject({ ok: true });
  expect(await cellsOf(kernel, 'keeper/x')).toEqual({ k: bytes('after') });
});

test('[L9] snapshots and retention leave cells alone; a purge leaves no byte of them', async () => {
  const dir = tempDir();
  const canary = 'canary-c311';
  const kernel = await openKeepers(dir, { snapshotEvery: 3 });
  for (let n = 1; n <= 30; n += 1) {
    const cells = [
      { key: `${canary}/${n % 7}`, value: bytes(canary.repeat(n % 5 === 0 ? 20_000 : n)) },
      { key: `${canary}-gone/${n}`, value: bytes(canary) },
      { key: `${canary}-gone/${n - 1}`, value: null },
    ];
    await keep(kernel, 'keeper/x', { note: n, cells });
    await keep(kernel, 'keeper/y', { note: n, cells: [{ key: 'n', value: bytes(String(n)) }] });
  }
  const before = await cellsOf(kernel, 'keeper/x');
  expect(await kernel.retain('keeper/x', 29)).toBeGreaterThan(1);
  expect(await cellsOf(kernel, 'keeper/x')).toEqual(before);
  await kernel.purge('keeper/x');
  for (const file of readdirSync(dir))
    expect(readFileSync(join(dir, file)).includes(canary), file).toBe(false);
  expect(await cellsOf(kernel, 'keeper/y')).toEqual({ n: bytes('30') });
  await keep(kernel, 'keeper/x', { note: 1, cells: [] });
  expect(await cellsOf(kernel, 'keeper/x')).toEqual({});
});

test('[L9] a new epoch begins without cells, and those of the old one are not written into it', async () => {
  const kernel = await openKeepers(tempDir());
  const cells = [{ key: 'k', value: bytes('v') }];
  await keep(kernel, 'keeper/x', { note: 1, cells });
  await keep(kernel, 'keeper/y', { note: 1, cells });
  const { epoch = 0 } = kernel.head('keeper/x') ?? {};
  await kernel.provenRollback('keeper/x', { epoch, offset: 9 });
  expect(await cellsOf(kernel, 'keeper/x')).toEqual({});
  expect(await cellsOf(kernel, 'keeper/y')).toEqual({ k: bytes('v') });
  expect(await keep(kernel, 'keeper/x', { cells })).toMatchObject({ ok: true, cursor: { offset: 2 } });
  expect(await cellsOf(kernel, 'keeper/x')).toEqual({ k: bytes('v') });
});

/** Damage done through SQLite itself, so that nothing but the digest can tell. */
function harm(dir: string, sql: string): void {
  const db = new Database(join(dir, 'log.db'));
  db.exec(sql);
  db.close();
}

const HARMS = {
  altered: "UPDATE cells SET value = x'00' WHERE key = 'one' AND stream = 1",
  'altered with its hash':
    "UPDATE cells SET value = x'', hash = zeroblob(32) WHERE key = 'one' AND stream = 1",
  lost: "DELETE FROM cells WHERE key = 'two' AND stream = 1",
  'all lost': 'DELETE FROM cells WHERE stream = 1',
  renamed: "UPDATE cells SET key = 'three' WHERE key = 'one' AND stream = 1",
  moved: "UPDATE cells SET stream = 1, key = 'from-two' WHERE stream = 2 AND key = 'one'",
  older: "UPDATE streams SET cells = x'' WHERE number = 1",
};

test.each(Object.entries(HARMS))(
  '[L9] cells of which one is %s are never served, and all go; other streams keep theirs',
  async (_, sql) => {
    const dir = tempDir();
    const reports: DamageReport[] = [];
    let kernel = await openKeepers(dir);
    const cells = ['one', 'two'].map((key) => ({ key, value: bytes(key) }));
    for (const target of ['keeper/x', 'keeper/y', 'keeper/z']) await keep(kernel, target, { note: 1, cells });
    await kernel.close();
    harm(dir, sql);
    kernel = await openKeepers(dir, { onDamage: (report) => reports.push(report) });
    await expect(kernel.cells('keeper/x', 'one')).rejects.toMatchObject({ code: 'log_damaged' });
    await kernel.repaired();
    expect(reports).toMatchObject([{ streams: [] }]);
    expect(await cellsOf(kernel, 'keeper/x')).toEqual({});
    expect(kernel.head('keeper/x')?.head).toBe(1);
    expect(await cellsOf(kernel, 'keeper/z')).toEqual({ one: bytes('one'), two: bytes('two') });
    await keep(kernel, 'keeper/x', { cells });
    expect(Object.keys(await cellsOf(kernel, 'keeper/x'))).toEqual(['one', 'two']);
  },
);

test('[L9] a stream that lost events keeps no cells; the others keep theirs', async () => {
  const dir = tempDir();
  const reports: DamageReport[] = [];
  let kernel = await openKeepers(dir);
  for (let n = 1; n <= 5; n += 1) {
    const cells = [{ key: 'n', value: bytes(`cell-${n}`) }];
    await keep(kernel, 'keeper/x', { note: `note-${n}`, cells });
    await keep(kernel, 'keeper/y', { note: n, cells });
  }
  await kernel.close();
  const file = join(dir, 'log.db');
  const content = readFileSync(file);
  const at = content.indexOf('note-4');
  content[at] = 0;
  writeFileSync(file, content);
  kernel = await openKeepers(dir, { onDamage: (report) => reports.push(report) });
  await expect(kernel.state('keeper/x')).rejects.toMatchObject({ code: 'log_damaged' });
  await kernel.repaired();
  expect(reports[0]?.streams).toMatchObject([{ stream: 'keeper/x', kept: 3, lost: 2 }]);
  expect(await cellsOf(kernel, 'keeper/x')).toEqual({});
  expect(await cellsOf(kernel, 'keeper/y')).toEqual({ n: bytes('cell-5') });
});

test('[L9] a log of format 2 takes cells', async () => {
  const dir = tempDir();
  const db = new Database(join(dir, 'log.db'));
  db.exec(`BEGIN; ${readFileSync(join(import.meta.dirname, '../fixtures/log-2.sql'), 'utf8')} COMMIT`);
  db.close();
  const kernel = await openKeepers(dir, { onDamage: ({ reason }) => expect.unreachable(reason) });
  expect(await kernel.cells('counter/small', '')).toEqual(new Map());
  expect(await add(kernel, 1, 1, 'counter/small', 'new')).toMatchObject({ ok: true });
  await keep(kernel, 'keeper/x', { note: 1, cells: [{ key: 'k', value: bytes('v') }] });
  expect(await cellsOf(kernel, 'keeper/x')).toEqual({ k: bytes('v') });
});

/** The log of format 2 that its release wrote, opened, with cells now. */
async function upgraded(): Promise<string> {
  const dir = tempDir();
  const db = new Database(join(dir, 'log.db'));
  db.exec(`BEGIN; ${readFileSync(join(import.meta.dirname, '../fixtures/log-2.sql'), 'utf8')} COMMIT`);
  db.close();
  const kernel = await openKeepers(dir, { onDamage: ({ reason }) => expect.unreachable(reason) });
  await keep(kernel, 'keeper/x', { note: 1, cells: [{ key: 'k', value: bytes('v') }] });
  await kernel.close();
  return dir;
}

test('[L9] a log whose first page is broken keeps its cells; one that came from format 2 keeps none or all', async () => {
  const dir = tempDir();
  const kernel = await openKeepers(dir);
  await keep(kernel, 'keeper/x', { note: 1, cells: [{ key: 'k', value: bytes('v') }] });
  await kernel.close();
  for (const [one, wanted] of [
    [dir, [{ k: bytes('v') }]],
    [await upgraded(), [{ k: bytes('v') }, {}]],
  ] as const) {
    const content = readFileSync(join(one, 'log.db'));
    writeFileSync(join(one, 'log.db'), content.fill(0, 0, 4096));
    const reports: DamageReport[] = [];
    const mended = await openKeepers(one, { onDamage: (report) => reports.push(report) });
    expect(reports).toMatchObject([{ streams: [] }]);
    expect(mended.head('keeper/x')?.head).toBe(1);
    expect(wanted).toContainEqual(await cellsOf(mended, 'keeper/x'));
  }
});
