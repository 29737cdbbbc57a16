/** A removal is seen through whatever the disk does meanwhile (L8). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { expect, test, vi } from 'vitest';
import { add, cleanUp, command, openKernel, tempDir } from '../counter.fixture.ts';
import { Purge } from '../log/purge.ts';
import { openWriter } from '../log/schema.ts';
import { WorkerLink } from '../worker/link.ts';
import { Removals } from './removals.ts';

test('[L8] a removal that a full disk stops goes on when there is room, not only at the next start', async () => {
  const slices: unknown[] = [];
  // As the writer answers: no room, all cleared, no room, a slice, no room, the last.
  const full = new SkeinError('storage_unavailable', 'full');
  const answers = [full, false, full, 4, full, null];
  const removals = new Removals({
    call: async (op, args) => {
      slices.push((args as { page?: number }).page ?? op);
      const answer = answers.shift();
      if (answer instanceof SkeinError) throw answer;
      return answer as never;
    },
  });
  await removals.finish(7);
  expect(slices).toEqual(['clear', 'clear', 0, 0, 4, 4]);
  expect(removals.size).toBe(0);
});

test('[L8] removals that come together share one look through the file, and one that comes later has its own', async () => {
  const asked: string[] = [];
  const later: Promise<void>[] = [];
  const removals = new Removals({
    call: async (op, args) => {
      const { stream, streams } = args as { stream?: number; streams?: number[] };
      asked.push(JSON.stringify(streams ?? stream));
      if (op === 'clear') return false as never;
      if (later.length === 0) later.push(removals.finish(9));
      return null as never;
    },
  });
  await Promise.all([7, 8, 7].map((stream) => removals.finish(stream)));
  await Promise.all(later);
  // One that begins in the very turn in which all are done is seen through as well.
  await removals.finish(10).then(() => removals.finish(11));
  const looks = ['[7]', '[8,9]', '[10]', '[11]'];
  expect(asked).toEqual(['7', looks[0], '8', '9', looks[1], '10', looks[2], '11', looks[3]]);
  expect(removals.size).toBe(0);
});

test('[L8] one that waits for room holds up no end of the node', async () => {
  let tried = () => {};
  const removals = new Removals({
    call: async () => {
      tried();
      throw new SkeinError('storage_unavailable', 'full');
    },
  });
  const first = new Promise<void>((resolve) => (tried = resolve));
  const finished = removals.finish(7);
  await first;
  await removals.close();
  await finished;
});

test('[L8] of a stream that is not being removed no slice takes anything', async () => {
  const dir = tempDir();
  const kernel = await openKernel(dir);
  await add(kernel, 1, 5);
  await kernel.close();
  const db = openWriter(dir);
  const purge = new Purge(db, dir);
  expect(purge.clear(1)).toBe(false);
  expect(purge.slice([1], 0)).toBe(null);
  expect(db.prepare('SELECT count(*) FROM chunks').pluck().get()).toBe(1);
  expect(db.prepare('SELECT count(*) FROM streams').pluck().get()).toBe(1);
  db.close();
  purge.close();
  await cleanUp();
});

test('[L8] of many streams that are purged at once nothing is left, all else is as it was, and the file is looked through a few times', async () => {
  const dir = tempDir();
  const slices = vi.spyOn(WorkerLink.prototype, 'call');
  const kernel = await openKernel(dir);
  const names = Array.from({ length: 300 }, (_, n) => `counter/canary-${n}`);
  const say = (seq: number, name: string) =>
    kernel.execute(null, command('c', seq, name, 'large', { text: `secret of ${name}` }));
  await Promise.all([...names, 'counter/stays'].map((name, n) => say(n + 1, name)));
  await Promise.all(names.map((name) => kernel.purge(name)));
  const asked = slices.mock.calls.map(([op]) => op);
  slices.mockRestore();
  expect(asked.filter((op) => op === 'purge').length).toBeLessThan(10);
  expect(asked.filter((op) => op === 'scrub').length).toBeLessThan(30);
  expect(kernel.streams().map(({ name }) => name)).toEqual(['counter/stays']);
  expect(await say(301, 'counter/stays')).toMatchObject({ ok: true });
  expect(await say(7, names[6] ?? '')).toMatchObject({ ok: false, error: { code: 'receipt_expired' } });
  await expect(kernel.purge(names[0] ?? '')).rejects.toMatchObject({ code: 'not_found' });
  for (const file of readdirSync(dir).filter((name) => name !== 'blobs'))
    expect(readFileSync(join(dir, file)).includes('canary'), file).toBe(false);
  await kernel.close();
  const again = await openKernel(dir, { onDamage: ({ reason }) => expect.unreachable(reason) });
  expect(again.streams().map(({ name, head }) => [name, head])).toEqual([['counter/stays', 1]]);
  await cleanUp();
});
