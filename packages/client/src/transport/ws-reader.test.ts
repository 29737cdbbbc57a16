/** Reading WebSocket frames: cut anywhere, fragmented, malformed (rule C5). */
import { SkeinError } from '@skein/protocol/errors';
import { MAX_FRAME } from '@skein/protocol/limits';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WsReader } from './ws-reader.ts';

/** A server's frame. */
function frame(opcode: number, payload: Uint8Array, last = true): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65536 ? 4 : 10);
  head[0] = (last ? 0x80 : 0) | opcode;
  head[1] = length < 126 ? length : length < 65536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

function read(chunks: readonly Uint8Array[]) {
  const messages: Buffer[] = [];
  const pings: Buffer[] = [];
  let closes = 0;
  const reader = new WsReader({
    message: (bytes) => messages.push(Buffer.from(bytes)),
    ping: (bytes) => pings.push(Buffer.from(bytes)),
    close: () => closes++,
  });
  for (const chunk of chunks) reader.push(chunk);
  return { messages, pings, closes };
}

/** A message as one frame or several, with pings in between. */
const message = fc.record({
  bytes: fc.uint8Array({ maxLength: 70_000 }),
  cuts: fc.array(fc.nat(70_000), { maxLength: 4 }),
  ping: fc.boolean(),
});

function framesOf({ bytes, cuts, ping }: { bytes: Uint8Array; cuts: number[]; ping: boolean }): Buffer {
  const places = [0, ...cuts.map((c) => c % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const parts = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
  return Buffer.concat(
    parts.flatMap((part, i) => [
      frame(i === 0 ? 2 : 0, part, i === parts.length - 1),
      ping ? frame(9, Buffer.from('p')) : Buffer.alloc(0),
    ]),
  );
}

describe('WebSocket reader', () => {
  test('gives the messages that were sent, whatever their frames and wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(400_000)), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(framesOf));
        const places = [0, ...cuts.map((c) => c % (stream.length + 1)).sort((a, b) => a - b), stream.length];
        const chunks = places.slice(1).map((end, i) => stream.subarray(places[i], end));
        const { messages } = read(chunks);
        expect(messages.length).toBe(sent.length);
        for (const [i, { bytes }] of sent.entries()) expect(messages[i]?.equals(bytes)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('a stream that is cut at every byte comes to the same', () => {
    const stream = Buffer.concat([
      frame(2, Buffer.from('one')),
      frame(9, Buffer.from('?')),
      frame(2, Buffer.alloc(300, 'x'), false),
      frame(0, Buffer.from('end')),
      frame(8, Buffer.alloc(0)),
    ]);
    const whole = read([stream]);
    for (let cut = 0; cut <= stream.length; cut++)
      expect(read([stream.subarray(0, cut), stream.subarray(cut)])).toEqual(whole);
    expect(read([...stream].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
    expect(whole.closes).toBe(1);
  });

  test('[C5] a length past the limit is refused before its bytes have come, fragments counted together', () => {
    const head = Buffer.alloc(10);
    head.writeUInt16BE(0x827f);
    head.writeBigUInt64BE(2n ** 32n, 2);
    expect(() => read([head])).toThrowError(expect.objectContaining({ code: 'frame_too_large' }));
    const half = frame(2, Buffer.alloc(MAX_FRAME / 2 + 1), false);
    const more = frame(0, Buffer.alloc(MAX_FRAME / 2 + 1)).subarray(0, 10);
    expect(() => read([half, more])).toThrowError(expect.objectContaining({ code: 'frame_too_large' }));
  });

  test('what a server may not send is refused', () => {
    const wrong = {
      'a mask': Buffer.from([0x82, 0x80, 0, 0, 0, 0]),
      'reserved bits': Buffer.from([0xc2, 0]),
      text: frame(1, Buffer.from('a')),
      'an unknown opcode': frame(5, Buffer.alloc(0)),
      'a continuation of nothing': frame(0, Buffer.alloc(1)),
      'a message within a message': Buffer.concat([
        frame(2, Buffer.alloc(1), false),
        frame(2, Buffer.alloc(1)),
      ]),
      'a long ping': frame(9, Buffer.alloc(126)),
      'a fragmented ping': frame(9, Buffer.alloc(1), false),
    };
    for (const [what, bytes] of Object.entries(wrong))
      expect(() => read([bytes]), what).toThrowError(expect.objectContaining({ code: 'bad_frame' }));
  });

  test('[C5] whatever comes, it is read or refused with a typed error', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
        try {
          read(chunks);
        } catch (error) {
          expect(error).toBeInstanceOf(SkeinError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
