/** A far end's frames, so many a turn: all of them, in order, and nobody else waits for more than a turn's worth. */
import { frame } from '@skein/protocol/host/frames';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FRAME_MAX, FRAMES_A_TURN } from './limits.ts';
import { turn } from './stream-pair.fixture.ts';
import { Turns } from './turns.ts';

/** A reader, what it has read, and how often its source was paused and resumed. */
function reading(events: { frame?(type: number): void; failed?(error: unknown): void } = {}) {
  const read: number[] = [];
  const source = { paused: false, pauses: 0 };
  const turns = new Turns(
    {
      pause() {
        expect(source.paused).toBe(false);
        source.paused = true;
        source.pauses++;
      },
      resume() {
        expect(source.paused).toBe(true);
        source.paused = false;
      },
    },
    {
      frame(_, payload) {
        read.push(new DataView(payload.buffer, payload.byteOffset).getUint32(0));
        events.frame?.(read.length);
      },
      failed: (error) => events.failed?.(error),
    },
  );
  return { turns, read, source };
}

/** Frames with the numbers from 0 on. */
function numbered(count: number): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, n) => {
      const payload = Buffer.alloc(4);
      payload.writeUInt32BE(n);
      return frame(1, payload);
    }),
  );
}

test('[C2] after so many frames the others have their turn, and the source is paused while more has come', async () => {
  const { turns, read, source } = reading();
  turns.push(numbered(3 * FRAMES_A_TURN + 1));
  for (const expected of [1, 2, 3]) {
    expect(read).toHaveLength(expected * FRAMES_A_TURN);
    expect(source.paused).toBe(true);
    await turn();
  }
  expect(read).toHaveLength(3 * FRAMES_A_TURN + 1);
  expect(source).toEqual({ paused: false, pauses: 1 });
});

test('[C2] many pieces of one frame each are counted alike', async () => {
  const { turns, read } = reading();
  const all = numbered(FRAMES_A_TURN + 20);
  const size = all.length / (FRAMES_A_TURN + 20);
  for (let at = 0; at < all.length; at += size) turns.push(all.subarray(at, at + size));
  expect(read).toHaveLength(FRAMES_A_TURN);
  await turn();
  expect(read).toHaveLength(FRAMES_A_TURN + 20);
});

test('what came before the end is read before it is told, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(4 * FRAMES_A_TURN),
      fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
      async (count, cuts, waits) => {
        const { turns, read, source } = reading();
        const all = numbered(count);
        let piece = 0;
        for (let at = 0; at < all.length; piece++) {
          const size = cuts[piece % cuts.length] ?? 1;
          turns.push(all.subarray(at, at + size));
          at += size;
          if (waits[piece % waits.length]) await turn();
        }
        await new Promise<void>((resolve) => turns.end(resolve));
        expect(read).toEqual(Array.from({ length: count }, (_, n) => n));
        expect(source.paused).toBe(false);
      },
    ),
    { numRuns: 100 },
  );
});

test('[C2] nothing is read after it is stopped, not even by a frame of its own, and nothing after a wrong one', async () => {
  const own = reading({ frame: (count) => count === 3 && own.turns.stop() });
  own.turns.push(numbered(2 * FRAMES_A_TURN));
  own.turns.push(numbered(1));
  await turn();
  expect(own.read).toHaveLength(3);

  const failures: unknown[] = [];
  const wrong = reading({
    failed: (error) => {
      failures.push(error);
      wrong.turns.stop();
    },
  });
  const tooLong = Buffer.alloc(5);
  tooLong.writeUInt32BE(FRAME_MAX + 1);
  wrong.turns.push(Buffer.concat([numbered(FRAMES_A_TURN + 5), tooLong, numbered(5)]));
  await turn();
  expect(wrong.read).toHaveLength(FRAMES_A_TURN + 5);
  expect(failures).toMatchObject([{ code: 'frame_too_large' }]);
});
