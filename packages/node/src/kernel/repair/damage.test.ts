/** What must hold when the log's files were altered, cut or lost (L6, F10). */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { add, type Counter, cleanUp, openKernel, readAll, tempDir } from '../counter.fixture.ts';
import type { DamageReport } from '../options.ts';
import { damageTrial, makeLog, type Trial } from './damage-trial.ts';
import { damageTrials, numbers } from './damage-trials.ts';

const EVENTS = 150;
let closed: Awaited<ReturnType<typeof makeLog>>;
let live: Awaited<ReturnType<typeof makeLog>>;

beforeAll(async () => {
  closed = await makeLog(EVENTS, false);
  live = await makeLog(EVENTS, true);
});

afterAll(() => {
  for (const { dir } of [closed, live]) rmSync(dir, { recursive: true, force: true });
});

afterEach(cleanUp);

async function trials(log: typeof closed, count: number, seed: number, rest: Pick<Trial, 'file' | 'fault'>) {
  const random = numbers(seed);
  for (let n = 0; n < count; n += 1) {
    const trial = { ...rest, at: random.next().value, bit: Math.floor(random.next().value * 8) };
    const fail = (error: unknown) => {
      throw new Error(`${JSON.stringify(trial)}: ${error instanceof Error ? error.stack : error}`);
    };
    await damageTrial(log, trial).catch(fail);
  }
}

test.each([1, 11])(
  '[L6] bits flipped anywhere in the database never alter an event, and a loss is told (%i)',
  async (seed) => {
    await trials(closed, 20, seed, { file: 'log.db', fault: 'flip' });
  },
);

test.each([2, 12])(
  '[L6] bits flipped in the WAL never alter an event, and a loss is told (%i)',
  async (seed) => {
    await trials(live, 8, seed, { file: 'log.db-wal', fault: 'flip' });
  },
);

test('[L6] bits flipped in the anchors cost nothing', async () => {
  const random = numbers(3);
  for (let n = 0; n < 8; n += 1) {
    const trial: Trial = { file: 'anchors.log', fault: 'flip', at: random.next().value, bit: n };
    expect(await damageTrial(closed, trial)).toMatchObject({ kept: EVENTS });
  }
});

test('[L6] a database cut anywhere keeps a valid prefix and tells the rest', async () => {
  await trials(closed, 15, 4, { file: 'log.db', fault: 'truncate' });
});

test('[L6] a WAL cut or missing is a rollback, and is told', async () => {
  await trials(live, 6, 5, { file: 'log.db-wal', fault: 'truncate' });
  const { damage } = await damageTrial(live, {
    file: 'log.db-wal',
    fault: 'remove',
    at: 0,
    bit: 0,
  });
  expect(damage?.streams).toHaveLength(3);
});

test('[L6] a missing database is told from its anchors; missing anchors cost nothing', async () => {
  const lost = await damageTrial(closed, {
    file: 'log.db',
    fault: 'remove',
    at: 0,
    bit: 0,
  });
  expect(lost).toMatchObject({ kept: 0 });
  expect(lost.damage?.streams.map(({ lost: n }) => n)).toEqual([50, 50, 50]);
  const free = await damageTrial(closed, {
    file: 'anchors.log',
    fault: 'remove',
    at: 0,
    bit: 0,
  });
  expect(free).toMatchObject({ kept: EVENTS, damage: undefined });
});

test('[L6] damage met while running is never served, is repaired at once, and the other streams go on', async () => {
  const dir = tempDir();
  const reports: DamageReport[] = [];
  let kernel = await openKernel(dir);
  for (let seq = 1; seq <= 40; seq += 1) {
    await add(kernel, seq, seq === 20 ? 7_654_321 : 1, 'counter/a');
    await add(kernel, seq, seq, 'counter/b', 'd');
  }
  const { epoch } = kernel.head('counter/a') ?? {};
  await kernel.close();
  const file = join(dir, 'log.db');
  const bytes = readFileSync(file);
  // The amount of event 20 in msgpack, wherever a page may hold a copy of it.
  const amount = Buffer.from('ce0074cbb1', 'hex');
  for (let at = bytes.indexOf(amount); at >= 0; at = bytes.indexOf(amount, at + 1)) bytes[at + 4] = 0;
  writeFileSync(file, bytes);
  kernel = await openKernel(dir, { onDamage: (report) => reports.push(report) });
  await expect(readAll(kernel, 'counter/a')).rejects.toMatchObject({ code: 'log_damaged' });
  await kernel.repaired();
  const [report] = reports;
  const kept = 19;
  expect(report?.streams).toMatchObject([{ stream: 'counter/a', oldEpoch: epoch, kept, lost: 40 - kept }]);
  expect(readdirSync(dir)).toEqual(expect.arrayContaining(report?.aside ?? ['?']));
  expect((await readAll(kernel, 'counter/a')).at(-1)).toMatchObject({
    type: 'log.epoch',
    body: { offset: kept },
  });
  expect((await kernel.state<Counter>('counter/a')).state.added).toHaveLength(kept);
  expect(await readAll(kernel, 'counter/b')).toHaveLength(40);
  expect(await add(kernel, 41, 1, 'counter/b', 'd')).toMatchObject({ ok: true, value: 821 });
});

test.each([7, 17])(
  '[L6] damage to a log with sealed chunks, from a seed (%i)',
  async (seed) => {
    expect(await damageTrials({ count: 12, seed })).toMatchObject({ count: 12, failures: [] });
  },
  60_000,
);
