/** Frames are checked before anything is done with them (rule C5), and read the same whatever way their bytes arrive. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pack, unpack, unpackAll } from '../codec.ts';
import { SkeinError } from '../errors.ts';
import { FrameRoom } from '../host/frame-room.ts';
import { FrameReader, frame, HostFrame, hostHello, offsetFrame, readOffset } from '../host/frames.ts';
import { MAX_FRAME } from '../limits.ts';
import { clientFrame, nodeFrame } from './frames.ts';

/** What a decoder may do with bytes from a stranger: give a value, or refuse with a typed error. */
function typedOrFine(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(SkeinError);
    expect((error as SkeinError).code).toBe('bad_frame');
  }
}

describe('channel frames', () => {
  test('[C5] random bytes are refused with bad_frame, never with anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        typedOrFine(() => clientFrame(unpack(bytes), ''));
        typedOrFine(() => nodeFrame(unpack(bytes), ''));
        typedOrFine(() => hostHello(unpack(bytes), ''));
        typedOrFine(() => unpackAll(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test('[C5] any msgpack value that is not a frame is refused with the field that is wrong', () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 3 }), (value) => typedOrFine(() => clientFrame(value, ''))),
      { numRuns: 1000 },
    );
    expect(() => clientFrame({ t: 'ask', n: 0, type: 'x', body: null }, '')).toThrow(/"n"/);
    expect(() => clientFrame({ t: 'credit', lane: 1, bytes: 2 ** 40 }, '')).toThrow(/"bytes"/);
    expect(() => clientFrame({ t: 'constructor' }, '')).toThrow(SkeinError);
  });

  test('[C3] a field that is not known is dropped, so that a newer peer may say more', () => {
    const frame = clientFrame({ t: 'ping', n: 4, later: 'field' }, '');
    expect(frame).toEqual({ t: 'ping', n: 4 });
  });

  test('[C1] a frame survives its own encoding', () => {
    const hello = { t: 'hello', versions: [1, 2], client: { name: 'a', version: 'b' } };
    expect(clientFrame(unpack(pack(hello)), '')).toEqual(hello);
    const page = { t: 'page', lane: 1, epoch: 3, first: 1, count: 1, head: 9, data: new Uint8Array([1, 2]) };
    const read = nodeFrame(unpack(pack(page)), '');
    expect({ ...read, data: [...(read as typeof page).data] }).toEqual({ ...page, data: [1, 2] });
  });
});

describe('host frames', () => {
  const frames = fc.array(fc.tuple(fc.integer({ min: 1, max: 255 }), fc.uint8Array({ maxLength: 200 })), {
    maxLength: 12,
  });

  test('[C5] whole frames come out, whatever pieces their bytes arrive in', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (sent, cuts) => {
        const all = Buffer.concat(sent.map(([type, payload]) => frame(type, payload)));
        const reader = new FrameReader();
        const got: [number, Uint8Array][] = [];
        for (let at = 0, i = 0; at < all.length; i++) {
          const piece = all.subarray(at, at + (cuts[i % cuts.length] ?? 1));
          reader.push(piece, (type, payload) => got.push([type, Uint8Array.from(payload)]));
          at += piece.length;
        }
        expect(got).toEqual(sent.map(([type, payload]) => [type, Uint8Array.from(payload)]));
      }),
    );
  });

  test('readers that share a room take nothing from each other, even one from within another', () => {
    const pieces = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 40 })), {
      minLength: 1,
      maxLength: 60,
    });
    const payloads = fc.array(fc.uint8Array({ maxLength: 90 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.tuple(payloads, payloads, payloads), pieces, fc.boolean(), (sent, steps, nested) => {
        // Large enough for most of what is put together here, and not for all.
        const room = new FrameRoom(100);
        const all = sent.map((each) => Buffer.concat(each.map((payload) => frame(7, payload))));
        const got: Uint8Array[][] = [[], [], []];
        const readers = all.map(() => new FrameReader(room));
        const at = [0, 0, 0];
        const step = (who: number, size: number, inside: boolean): void => {
          const piece = (all[who] as Buffer).subarray(at[who], (at[who] as number) + size);
          at[who] = (at[who] as number) + piece.length;
          readers[who]?.push(piece, (_, payload) => {
            if (inside && who < 2) step(who + 1, size, true);
            got[who]?.push(Uint8Array.from(payload));
          });
        };
        for (const [who, size] of steps) step(who, size, nested);
        for (const who of all.keys()) step(who, 1e6, false);
        expect(got).toEqual(sent.map((each) => each.map((payload) => Uint8Array.from(payload))));
      }),
    );
  });

  test('[C5] a length past the limit is refused at once, before the bytes are there', () => {
    for (const length of [0, MAX_FRAME + 1, 0xffffffff]) {
      const head = Buffer.alloc(5);
      head.writeUInt32BE(length, 0);
      expect(() => new FrameReader().push(head, () => {})).toThrow(
        expect.objectContaining({ code: 'frame_too_large' }),
      );
    }
  });

  test('[H3] offsets survive, and what is none is refused', () => {
    const whole = offsetFrame(HostFrame.INPUT, 2 ** 50, new Uint8Array([7]));
    const read = readOffset(whole.subarray(5));
    expect(read?.offset).toBe(2 ** 50);
    expect([...(read?.bytes ?? [])]).toEqual([7]);
    for (const bad of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(readOffset(offsetFrame(1, bad).subarray(5))).toBeUndefined();
    expect(readOffset(new Uint8Array(7))).toBeUndefined();
  });
});
