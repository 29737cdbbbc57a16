/** As many streams as the log can number, and no more (rules L1, L2, K5). */
import { afterEach, expect, test } from 'vitest';
import { add, type Counter, cleanUp, openKernel, tempDir } from '../counter.fixture.ts';
import { openWriter, rowId } from '../log/schema.ts';
import { STREAMS } from '../wire.ts';
import { Registry } from './registry.ts';

afterEach(cleanUp);

const NEW = [2, 3, 4].map((n) => `counter/new-${n}`);

test('[L1] [L2] once all numbers of streams were given out, those of streams that are gone are: what is acknowledged is kept', async () => {
  const dir = tempDir();
  const kernel = await openKernel(dir);
  await add(kernel, 1, 5);
  await kernel.close();
  const db = openWriter(dir);
  db.prepare('UPDATE streams SET number = ?').run(STREAMS - 1);
  db.prepare('UPDATE chunks SET id = ?').run(rowId(STREAMS - 1, 1));
  db.close();
  const full = await openKernel(dir);
  for (const [n, name] of NEW.entries())
    expect(await add(full, 10 + n, 7, name)).toMatchObject({ ok: true, value: 7 });
  await full.close();
  const again = await openKernel(dir);
  for (const name of [...NEW, 'counter/a'])
    expect((await again.state<Counter>(name)).state.added).toEqual([name === 'counter/a' ? 5 : 7]);
});

test('[K5] a stream too many is refused by name, and those that there are go on', () => {
  const rows = Array.from({ length: STREAMS - 1 }, (_, n) => ({
    ...{ number: n + 1, name: `counter/${n + 1}`, epoch: 1, first: 1, head: 1 },
  }));
  const registry = new Registry();
  registry.load(rows, STREAMS);
  expect(() => registry.admit('counter/new')).toThrow(expect.objectContaining({ code: 'too_large' }));
  expect(() => registry.admit('counter/1')).not.toThrow();
  // What is being removed has its number still.
  registry.reload([], STREAMS, rows.map(({ number }) => number).slice(1_000));
  expect(() => registry.admit('counter/new')).not.toThrow();
  expect([registry.claim('counter/x').number, registry.claim('counter/y').number]).toEqual([1, 2]);
  registry.rollBack();
  expect(registry.claim('counter/z').number).toBe(1);
});
