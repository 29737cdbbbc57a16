/** Every release's sample log replays in this one (L7); fixtures/make-sample.ts wrote them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { cleanUp, command, counter, openKernel, readAll, tempDir } from './counter.fixture.ts';
import type { Reply, StreamInfo } from './types.ts';

afterEach(cleanUp);

interface Sample {
  streams: StreamInfo[];
  states: Record<string, unknown>;
  /** In hex, by stream and key; releases before format 3 had none. */
  cells?: Record<string, Record<string, string>>;
  refused: { seq: number; reply: Reply };
  sealed: number;
  anchors: string;
}

const DIR = join(import.meta.dirname, 'fixtures');
const samples = readdirSync(DIR).filter((file) => file.endsWith('.sql'));

/** The sample's files in a new directory, and what its release said of them. */
function unpackSample(file: string): { dir: string; told: Sample } {
  const dir = tempDir();
  const told: Sample = JSON.parse(readFileSync(join(DIR, file.replace('.sql', '.json')), 'utf8'));
  const db = new Database(join(dir, 'log.db'));
  db.exec(`BEGIN; ${readFileSync(join(DIR, file), 'utf8')} COMMIT`);
  db.close();
  writeFileSync(join(dir, 'anchors.log'), told.anchors);
  return { dir, told };
}

test.each(samples)(
  '[L7][L9] %s replays to the states that it had, from its snapshots and from its beginning',
  async (file) => {
    for (const snapshots of [true, false]) {
      const { dir, told } = unpackSample(file);
      expect(told.sealed).toBeGreaterThan(0);
      const kernel = await openKernel(dir, { onDamage: ({ reason }) => expect.unreachable(reason) });
      if (!snapshots) kernel.registerActor({ ...counter, version: 1_000 });
      expect(kernel.streams()).toEqual(told.streams);
      for (const [name, state] of Object.entries(told.states)) {
        expect((await kernel.state(name)).state).toEqual(state);
      }
      for (const { name } of told.streams) {
        const found = [...(await kernel.cells(name, ''))];
        const hex = found.map(([key, value]) => [key, Buffer.from(value).toString('hex')]);
        expect(Object.fromEntries(hex)).toEqual(told.cells?.[name] ?? {});
      }
      const { seq, reply } = told.refused;
      expect(await kernel.execute('sample', command('sample', seq, 'counter/small', 'forbidden'))).toEqual(
        reply,
      );
      expect(kernel.stats().effectsPending).toBe(1);
    }
  },
);

test.each(samples)('[L7] %s keeps the events that no code here knows', async (file) => {
  const { dir } = unpackSample(file);
  const kernel = await openKernel(dir);
  expect((await readAll(kernel, 'counter/sealed')).at(-1)).toMatchObject({
    type: 'counter.future',
    body: { kept: ['as', 'it', 'came'] },
  });
  const small = (await readAll(kernel, 'counter/small')).map(({ type }) => type);
  expect(small.slice(5)).toEqual(['counter.future', 'log.epoch', 'asked']);
});
