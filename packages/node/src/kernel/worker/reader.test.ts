/** What the reader worker reads, and how often (L3, L6). */
import { PAGE_BYTES, PAGE_EVENTS } from '@skein/protocol/limits';
import { afterEach, expect, test, vi } from 'vitest';
import { unpackEvents } from '../codec.ts';
import { cleanUp, command, openKernel, tempDir } from '../counter.fixture.ts';
import { ChunkReader } from '../log/chunks.ts';
import type { ActorKind } from '../types.ts';
import { readerHandlers } from './reader.ts';

afterEach(cleanUp);

/** One command of it is one transaction of 64 large events: 3 MiB. */
const heavy: ActorKind<number> = {
  kind: 'heavy',
  version: 1,
  initial: () => 0,
  decide: (_, { body }) => ({
    events: Array.from({ length: 64 }, (_, n) => ({ type: 'said', body: `${body} ${n}`.padEnd(50_000) })),
  }),
  apply: (state) => state + 1,
};

test('[L3] a transaction of many pages is read and verified once, not once for each of them', async () => {
  const dir = tempDir();
  const kernel = await openKernel(dir);
  kernel.registerActor(heavy);
  for (const seq of [1, 2, 3]) await kernel.execute(null, command('c', seq, 'heavy/a', 'say', seq));
  const stream = 1;
  await kernel.close();
  const reader = readerHandlers(dir);
  reader.open(null);
  const looks = vi.spyOn(ChunkReader.prototype, 'raw');
  const said: string[] = [];
  const limits = { maxEvents: PAGE_EVENTS, maxBytes: PAGE_BYTES };
  const read = (from: number) => reader.page({ stream, name: 'heavy/a', from, to: 192, ...limits });
  for (let from = 1; from <= 192; ) {
    const { count, data } = read(from);
    for (const { body } of unpackEvents(data)) said.push(String(body).trim());
    from += count;
    // Whoever is elsewhere in the stream, as a second reader is, changes nothing of it.
    if (from === 101) expect(unpackEvents(read(70).data)[0]?.body).toMatch(/^2 5 /);
  }
  expect(said).toEqual([1, 2, 3].flatMap((seq) => Array.from({ length: 64 }, (_, n) => `${seq} ${n}`)));
  expect(looks.mock.calls.length).toBeLessThan(12);
  looks.mockRestore();
  reader.close(null);
});
