/** What cells must be whatever happens: killed at any moment, and after any decisions (L9). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { MAX_CELL_KEY } from '../actors/cell-bounds.ts';
import { bytes, cellsOf, keep, openKeepers } from '../cells.fixture.ts';
import { unpack } from '../codec.ts';
import { cleanUp, tempDir } from '../counter.fixture.ts';
import { afterKeeps, filled } from '../keeper.fixture.ts';
import type { Reply } from '../types.ts';

afterEach(cleanUp);

test('[L9] killed at random moments, cells and events are of one moment, and no acknowledged one is missing', async () => {
  const dir = tempDir();
  const script = fileURLToPath(new URL('../crash-cells.fixture.ts', import.meta.url));
  let acknowledged = 0;
  let from = 1;
  for (let round = 0; round < 5; round += 1) {
    const child = spawn(process.execPath, [script, dir, String(from)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let seen = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Math.max(acknowledged, Number(line));
      seen += 1;
      if (seen === 40 + round * 23) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const kernel = await openKeepers(dir, { onDamage: (report) => expect.unreachable(report.reason) });
    const cells = await kernel.cells('keeper/a', '');
    const last = Number(unpack(cells.get('last') ?? bytes('')));
    expect(last).toBeGreaterThanOrEqual(acknowledged);
    const model = afterKeeps(last);
    expect((await kernel.state('keeper/a')).state).toBe(model.events);
    expect([...cells.keys()].sort()).toEqual([...model.cells.keys()].sort());
    for (const [key, value] of model.cells)
      expect(Buffer.compare(cells.get(key) ?? bytes('?'), value)).toBe(0);
    from = last + 1;
    await kernel.close();
  }
  expect(acknowledged).toBeGreaterThan(200);
}, 30_000);

test('[L9] any decisions, restarts, lost writers and purges leave what a map would hold', async () => {
  const streams = ['keeper/a', 'keeper/b', 'keeper/c'];
  const cell = fc.record({
    key: fc.constantFrom('a', 'a/1', 'a/2', 'b', 'ä', '日/1', 'x'.repeat(MAX_CELL_KEY)),
    value: fc.option(
      fc.tuple(fc.nat(255), fc.constantFrom(0, 1, 900, 5_000, 70_000)).map(([n, size]) => filled(n, size)),
    ),
  });
  const cells = fc.array(cell, { maxLength: 4 });
  const who = fc.constantFrom(...streams);
  const step = fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({ is: fc.constant('keep' as const), who, cells, note: fc.boolean() }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        is: fc.constant('both' as const),
        who,
        cells,
        other: who,
        refuse: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ is: fc.constant('reopen' as const) }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant('lose' as const) }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant('purge' as const), who }) },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 12 }),
      async (rounds) => {
        const dir = tempDir();
        let kernel = await openKeepers(dir);
        const model = new Map<string, Map<string, Uint8Array>>();
        const put = (target: string, changes: readonly { key: string; value: Uint8Array | null }[]) => {
          const kept = model.get(target) ?? new Map<string, Uint8Array>();
          model.set(target, kept);
          for (const { key, value } of changes) {
            if (value === null) kept.delete(key);
            else kept.set(key, value);
          }
        };
        for (const round of rounds) {
          // Commands of actors in memory are decided in the order in which they come; others wait until they are loaded.
          for (const target of streams) {
            if (!model.has(target)) await keep(kernel, target, { note: 1, cells: [] });
            put(target, []);
            await kernel.state(target);
          }
          const replies: Promise<Reply>[] = [];
          for (const one of round) {
            if (one.is === 'keep') {
              const { who: target, cells: changes } = one;
              replies.push(keep(kernel, target, one.note ? { note: 1, cells: changes } : { cells: changes }));
              put(target, changes);
            } else if (one.is === 'both') {
              const { who: target, other, cells: changes, refuse } = one;
              const tell = { target: other, keep: { note: 2, cells: changes, refuse } };
              const reply = keep(kernel, target, { note: 1, cells: changes, tell });
              if (refuse) continue;
              replies.push(reply);
              put(target, changes);
              put(other, changes);
            }
          }
          // What shares a transaction was decided in one go.
          for (const reply of await Promise.all(replies)) expect(reply).toMatchObject({ ok: true });
          for (const one of round) {
            if (one.is === 'lose') {
              await kernel.loseWorker('writer');
              await kernel.repaired();
            } else if (one.is === 'reopen') {
              await kernel.close();
              kernel = await openKeepers(dir, { onDamage: ({ reason }) => expect.unreachable(reason) });
            } else if (one.is === 'purge' && model.delete(one.who)) await kernel.purge(one.who);
          }
        }
        for (const target of streams) {
          if (!model.has(target)) continue;
          for (const prefix of ['', 'a', 'a/', '日', 'none']) {
            const wanted = [...(model.get(target) ?? [])].filter(([key]) => key.startsWith(prefix));
            expect(await cellsOf(kernel, target, prefix)).toEqual(Object.fromEntries(wanted));
          }
        }
        await kernel.close();
      },
    ),
    { numRuns: 12 },
  );
}, 60_000);
