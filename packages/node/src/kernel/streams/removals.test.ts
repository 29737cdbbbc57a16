/** A removal is seen through whatever the disk does meanwhile (L8). */
import { SkeinError } from '@skein/protocol/errors';
import { expect, test } from 'vitest';
import { add, cleanUp, openKernel, tempDir } from '../counter.fixture.ts';
import { Purge } from '../log/purge.ts';
import { openWriter } from '../log/schema.ts';
import { Removals } from './removals.ts';

test('[L8] a removal that a full disk stops goes on when there is room, not only at the next start', async () => {
  const slices: number[] = [];
  // As the writer answers: twice no room, then two slices.
  const answers = [
    new SkeinError('storage_unavailable', 'full'),
    4,
    new SkeinError('storage_unavailable', 'full'),
    null,
  ];
  const removals = new Removals({
    call: async (_op, args) => {
      slices.push((args as { page: number }).page);
      const answer = answers.shift();
      if (answer instanceof SkeinError) throw answer;
      return answer as never;
    },
  });
  await removals.finish(7);
  expect(slices).toEqual([0, 0, 4, 4]);
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
  expect(purge.slice(1, 0)).toBe(null);
  expect(db.prepare('SELECT count(*) FROM chunks').pluck().get()).toBe(1);
  expect(db.prepare('SELECT count(*) FROM streams').pluck().get()).toBe(1);
  db.close();
  purge.close();
  await cleanUp();
});
