/** Frames out of a stream, however that comes in pieces (rules C2, C5). */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_VIEWER_FRAME } from '../limits.ts';
import { FrameReader, frame, HostFrame } from './frames.ts';

test('[C5] a stream gives the same frames however it is cut', () => {
  const frames = fc.array(fc.tuple(fc.integer({ min: 1, max: 255 }), fc.uint8Array({ maxLength: 9_000 })), {
    maxLength: 5,
  });
  const pieces = fc.array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6_000 })), {
    minLength: 1,
  });
  fc.assert(
    fc.property(frames, pieces, (sent, sizes) => {
      const stream = Buffer.concat(sent.map(([type, payload]) => frame(type, payload)));
      const reader = new FrameReader();
      const got: [number, Uint8Array][] = [];
      for (let at = 0, n = 0; at < stream.length; n++) {
        const size = sizes[n % sizes.length] ?? 1;
        reader.push(stream.subarray(at, at + size), (type, payload) =>
          got.push([type, Uint8Array.from(payload)]),
        );
        at += size;
      }
      expect(got.length).toBe(sent.length);
      for (const [i, [type, payload]] of sent.entries()) {
        expect(got[i]?.[0]).toBe(type);
        expect(Buffer.compare(got[i]?.[1] ?? Buffer.alloc(0), payload)).toBe(0);
      }
      expect(reader.waiting).toBe(false);
    }),
    { numRuns: 60 },
  );
});

test('[C2] a frame that comes byte by byte takes little more room than it has', () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const whole = frame(HostFrame.INPUT, new Uint8Array(MAX_VIEWER_FRAME - 1));
  const reader = new FrameReader();
  gc();
  const before = process.memoryUsage().heapUsed;
  for (const byte of whole.subarray(0, -1)) reader.push(Uint8Array.of(byte), () => {});
  gc();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(4 * MAX_VIEWER_FRAME);
  let size = 0;
  reader.push(whole.subarray(-1), (_, payload) => {
    size = payload.length;
  });
  expect(size).toBe(MAX_VIEWER_FRAME - 1);
});
