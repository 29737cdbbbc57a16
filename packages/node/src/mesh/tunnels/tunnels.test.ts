/** The protocol between nodes over a stream in memory: whole messages in order, windows, fairness, and who breaks the rules. */
import { pack } from '@skein/protocol/codec';
import type { SkeinError } from '@skein/protocol/errors';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Pipe, PipeEvents } from '../api.ts';
import { decodeFrame, encodeFrame, type TunnelFrame, writeData } from './frames.ts';
import { MESSAGE_MAX, TUNNEL_WINDOW, TUNNELS_MAX } from './limits.ts';
import { settle, streamPair, turn } from './stream-pair.fixture.ts';
import { type LinkEvents, TunnelLink } from './tunnels.ts';

const NOWHERE = { addrs: [], relays: [] };
const links: TunnelLink[] = [];

afterEach(async () => {
  for (const link of links.splice(0)) link.abort(new Error('the test is over') as SkeinError);
  await turn();
});

/** What one end of a tunnel saw. */
class Seen implements PipeEvents {
  pipe: Pipe | undefined;
  readonly messages: Uint8Array[] = [];
  drains = 0;
  over = false;
  error: SkeinError | undefined;

  message(bytes: Uint8Array): void {
    this.messages.push(bytes);
  }
  drain(): void {
    this.drains++;
  }
  closed(error?: Error): void {
    expect(this.over).toBe(false);
    this.over = true;
    this.error = error as SkeinError | undefined;
  }
}

/** Two links over a pair; the second takes every tunnel. */
function connected(events: Partial<LinkEvents> = {}) {
  const pair = streamPair();
  const arrived: Seen[] = [];
  const ends: SkeinError[] = [];
  const closed = (error: SkeinError) => ends.push(error);
  const dialer = new TunnelLink('far', pair[0], NOWHERE, { closed });
  const acceptor = new TunnelLink('near', pair[1], NOWHERE, {
    closed,
    incoming: (tunnel) => {
      const seen = new Seen();
      seen.pipe = tunnel;
      arrived.push(seen);
      return seen;
    },
    ...events,
  });
  links.push(dialer, acceptor);
  const open = () => {
    const seen = new Seen();
    seen.pipe = dialer.open(seen);
    return seen;
  };
  return { pair, dialer, acceptor, arrived, open, ends };
}

/** A link against a far end that is played by hand. */
async function against(incoming: boolean) {
  const pair = streamPair();
  const ends: SkeinError[] = [];
  const link = new TunnelLink('far', pair[0], NOWHERE, {
    closed: (error) => ends.push(error),
    ...(incoming && { incoming: () => new Seen() }),
  });
  links.push(link);
  await turn();
  const say = async (...frames: Uint8Array[]) => {
    for (const frame of frames) pair[1].send(frame);
    pair[1].deliver(Number.MAX_SAFE_INTEGER);
    do await turn();
    while (pair[0].paused && pair[0].aborted === undefined);
  };
  return { link, ends, say, stream: pair[0] };
}

const HELLO = encodeFrame({ type: 'hello', versions: [1], addrs: [], relays: [] });
const frame = encodeFrame;

function data(tunnel: number, bytes: Uint8Array, last = true): Uint8Array {
  const out = Buffer.alloc(10 + bytes.length);
  writeData(out, 0, tunnel, bytes, last);
  return out;
}

function filled(size: number, seed: number): Uint8Array {
  const out = new Uint8Array(size);
  for (let i = 0; i < size; i++) out[i] = (i * 31 + seed * 17) & 0xff;
  return out;
}

describe('frames', () => {
  const text = fc.string({ maxLength: 40 });
  const tunnel = fc.integer({ min: 1, max: 0xffffffff });
  const error = fc.record({ code: fc.constant('moved' as const), message: text });
  const any: fc.Arbitrary<Exclude<TunnelFrame, { type: 'data' }>> = fc.oneof(
    fc.record({
      type: fc.constant('hello' as const),
      versions: fc.array(fc.integer({ min: 1, max: 65535 }), { maxLength: 4 }),
      addrs: fc.array(text, { maxLength: 4 }),
      relays: fc.array(text, { maxLength: 4 }),
    }),
    fc.record({
      type: fc.constant('at' as const),
      addrs: fc.array(text, { maxLength: 4 }),
      relays: fc.array(text, { maxLength: 4 }),
    }),
    fc.record({ type: fc.constant('open' as const), tunnel }),
    fc.record({
      type: fc.constant('credit' as const),
      tunnel,
      bytes: fc.integer({ min: 1, max: TUNNEL_WINDOW }),
    }),
    fc.record({
      type: fc.constant('close' as const),
      tunnel,
      error: fc.option(error, { nil: undefined }),
    }),
    fc.record({ type: fc.constantFrom('ping' as const, 'pong' as const), n: fc.nat(0xffffffff) }),
    fc.record({ type: fc.constant('end' as const), error }),
  );

  test('[C5] come back as they were', () => {
    fc.assert(
      fc.property(any, (sent) => {
        const bytes = encodeFrame(sent);
        const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
        expect(length).toBe(bytes.length - 4);
        expect(decodeFrame(bytes[4] as number, bytes.subarray(5))).toEqual(sent);
      }),
    );
  });

  test('[C5] anything else is a bad_frame and nothing worse', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 200 }), (type, payload) => {
        try {
          decodeFrame(type % 12, payload);
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'SkeinError', code: 'bad_frame' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('tunnels', () => {
  test('[C2] messages of any sizes arrive whole and in order, however they are cut and whoever pauses', async () => {
    const size = fc.oneof(
      fc.integer({ min: 0, max: 600 }),
      fc.integer({ min: 0, max: 200_000 }),
      fc.constantFrom(0, 255, 256, 257, 65_496, 65_497, 65_498, MESSAGE_MAX - 1, MESSAGE_MAX),
    );
    const step = fc.oneof(
      fc.record({ do: fc.constant('send' as const), from: fc.nat(3), size }),
      fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const), from: fc.nat(3) }),
      fc.record({ do: fc.constant('deliver' as const), bytes: fc.integer({ min: 1, max: 300_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { pair, arrived, open, ends } = connected();
        const near = [open(), open()];
        await settle(pair);
        // Ends 0 and 1 are the dialer's, 2 and 3 what they lead to.
        const all = [...near, ...arrived];
        const sent: Uint8Array[][] = [[], [], [], []];
        for (const [i, one] of steps.entries()) {
          if (one.do === 'send') {
            const bytes = filled(one.size, i);
            sent[one.from]?.push(bytes);
            all[one.from]?.pipe?.send(bytes);
          } else if (one.do === 'deliver') {
            await turn();
            for (const end of pair) end.deliver(one.bytes);
          } else all[one.from]?.pipe?.[one.do]();
        }
        for (const { pipe } of all) pipe?.resume();
        // Credit comes back with a delay.
        for (let i = 0; i < 400 && all.some(({ pipe }) => (pipe?.buffered ?? 0) > 0); i++) {
          await settle(pair);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        expect(ends).toEqual([]);
        for (const [i, messages] of sent.entries()) {
          const far = all[(i + 2) % 4] as Seen;
          expect(far.messages.map((m) => m.length)).toEqual(messages.map((m) => m.length));
          expect(far.messages.every((m, at) => Buffer.compare(m, messages[at] as Uint8Array) === 0)).toBe(
            true,
          );
          expect(all[i]?.pipe?.buffered).toBe(0);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('[C2] a frozen consumer keeps at most a window and holds up no other', async () => {
    const { pair, arrived, open } = connected();
    const frozen = open();
    const other = open();
    await settle(pair);
    arrived[0]?.pipe?.pause();
    for (let i = 0; i < 64; i++) frozen.pipe?.send(filled(100_000, i));
    await settle(pair);
    const delivered = pair[0].most;
    expect(delivered).toBeLessThan(512 * 1024);
    // A window has left; the rest waits with its sender, who can see that.
    expect(frozen.pipe?.buffered).toBe(6_400_000);
    for (let i = 0; i < 100; i++) other.pipe?.send(filled(50_000, i));
    await settle(pair);
    expect(arrived[1]?.messages).toHaveLength(100);
    expect(arrived[0]?.messages).toHaveLength(0);
    arrived[0]?.pipe?.resume();
    await settle(pair);
    expect(arrived[0]?.messages).toHaveLength(64);
  });

  test('[C2] the sender is told when there is room again', async () => {
    const { pair, arrived, open } = connected();
    const seen = open();
    await settle(pair);
    arrived[0]?.pipe?.pause();
    for (let i = 0; i < 8; i++) seen.pipe?.send(filled(200_000, i));
    await settle(pair);
    expect(seen.drains).toBe(0);
    arrived[0]?.pipe?.resume();
    // Credit comes back with a delay.
    const drains = async () => {
      await settle(pair);
      return seen.drains;
    };
    await expect.poll(drains).toBe(1);
    expect(seen.pipe?.buffered).toBe(0);
  });

  test('[C2] a tunnel with much to send does not keep one waiting that has little', async () => {
    const { pair, arrived, open } = connected();
    const bulk = open();
    const keys = open();
    await settle(pair);
    for (let i = 0; i < 8; i++) bulk.pipe?.send(filled(1_000_000, i));
    keys.pipe?.send(Uint8Array.of(7));
    await turn();
    // Not behind more than what may wait in the stream.
    pair[0].deliver(3 * 65_536);
    expect(arrived[1]?.messages).toEqual([Uint8Array.of(7)]);
  });

  test('what was handed over before close still arrives, and then the reason', async () => {
    const { pair, arrived, open } = connected();
    const seen = open();
    await settle(pair);
    arrived[0]?.pipe?.pause();
    seen.pipe?.send(filled(300_000, 1));
    seen.pipe?.send(filled(10, 2));
    seen.pipe?.close('enough');
    await settle(pair);
    expect(seen.over).toBe(true);
    expect(seen.error).toBeUndefined();
    expect(arrived[0]?.over).toBe(false);
    arrived[0]?.pipe?.resume();
    await turn();
    expect(arrived[0]?.messages.map((m) => m.length)).toEqual([300_000, 10]);
    expect(arrived[0]).toMatchObject({ over: true, error: { code: 'peer_closed', message: 'enough' } });
  });

  test('a peer has at most 256 tunnels', async () => {
    const { pair, open, acceptor } = connected();
    for (let i = 0; i < TUNNELS_MAX; i++) open();
    await settle(pair);
    expect(acceptor.tunnels).toBe(TUNNELS_MAX);
    expect(() => open()).toThrow(expect.objectContaining({ code: 'mailbox_full' }));
  });

  test('the owner that ignores buffered loses its tunnel, and no other', async () => {
    const { pair, arrived, open } = connected();
    const wild = open();
    const tame = open();
    await settle(pair);
    arrived[0]?.pipe?.pause();
    for (let i = 0; i < 11; i++) wild.pipe?.send(filled(1_000_000, i));
    await settle(pair);
    expect(wild).toMatchObject({ over: true, error: { code: 'mailbox_full' } });
    tame.pipe?.send(filled(10, 1));
    await settle(pair);
    expect(arrived[1]?.messages).toHaveLength(1);
  });

  test('ending a link ends its tunnels at both ends with the reason', async () => {
    const { pair, arrived, open, dialer, ends } = connected();
    const seen = open();
    await settle(pair);
    const { SkeinError } = await import('@skein/protocol/errors');
    dialer.end(new SkeinError('moved', 'Elsewhere.'));
    await settle(pair);
    expect(seen.error).toMatchObject({ code: 'moved' });
    expect(arrived[0]?.error).toMatchObject({ code: 'moved' });
    expect(ends.map(({ code }) => code)).toEqual(['moved', 'moved']);
  });
});

describe('[C5] a far end that breaks the rules', () => {
  const big = new Uint8Array(60_000);
  test.each<[string, string, Uint8Array[]]>([
    ['says nothing of itself first', 'bad_frame', [frame({ type: 'open', tunnel: 1 })]],
    ['says HELLO twice', 'bad_frame', [HELLO, HELLO]],
    [
      'speaks another version',
      'unsupported_version',
      [frame({ type: 'hello', versions: [9], addrs: [], relays: [] })],
    ],
    ['sends on a tunnel that was never opened', 'bad_frame', [HELLO, data(3, big)]],
    [
      'opens a tunnel twice',
      'bad_frame',
      [HELLO, frame({ type: 'open', tunnel: 4 }), frame({ type: 'open', tunnel: 4 })],
    ],
    [
      'goes back in its numbers',
      'bad_frame',
      [HELLO, frame({ type: 'open', tunnel: 4 }), frame({ type: 'open', tunnel: 3 })],
    ],
    [
      'gives credit for what it was not sent',
      'bad_frame',
      [HELLO, frame({ type: 'open', tunnel: 1 }), frame({ type: 'credit', tunnel: 1, bytes: 1 })],
    ],
    [
      'sends more than one window unasked',
      'frame_too_large',
      [HELLO, frame({ type: 'open', tunnel: 1 }), ...Array.from({ length: 18 }, () => data(1, big, false))],
    ],
    ['announces a frame past the limit', 'frame_too_large', [HELLO, Uint8Array.of(0, 2, 0, 0, 3)]],
    ['announces a frame of nothing', 'frame_too_large', [HELLO, Uint8Array.of(0, 0, 0, 0, 0)]],
    ['sends a type that is not known', 'bad_frame', [HELLO, Uint8Array.of(0, 0, 0, 1, 99)]],
    [
      'sends empty pieces',
      'bad_frame',
      [HELLO, frame({ type: 'open', tunnel: 1 }), data(1, new Uint8Array(0), false)],
    ],
    ['sends HELLO that is no msgpack', 'bad_frame', [Uint8Array.of(0, 0, 0, 3, 1, 0xc1, 0xc1)]],
    [
      'names a thousand addresses',
      'bad_frame',
      [
        (() => {
          const body = pack({ versions: [1], addrs: Array.from({ length: 1000 }, () => 'x'), relays: [] });
          const out = Buffer.alloc(5 + body.length);
          out.writeUInt32BE(1 + body.length, 0);
          out[4] = 1;
          out.set(body, 5);
          return out;
        })(),
      ],
    ],
  ])('%s: it is told, and reset', async (_, code, said) => {
    const { ends, say, stream } = await against(true);
    await say(...said);
    expect(ends.map((error) => error.code)).toEqual([code]);
    expect(stream.aborted).toMatchObject({ code });
  });

  test('opens a tunnel where it may not', async () => {
    const { ends, say } = await against(false);
    await say(HELLO, frame({ type: 'open', tunnel: 1 }));
    expect(ends).toMatchObject([{ code: 'bad_frame' }]);
  });

  test('sends past its credit while the consumer is paused', async () => {
    const { pair, arrived, open, ends } = connected();
    open();
    await settle(pair);
    arrived[0]?.pipe?.pause();
    // By hand, behind the back of the link that counts.
    for (let i = 0; i < 18; i++) pair[0].send(data(1, big));
    pair[0].deliver(Number.MAX_SAFE_INTEGER);
    await turn();
    expect(ends[0]).toMatchObject({ code: 'bad_frame' });
  });

  test('asks without end and reads nothing: the answers do not pile up', async () => {
    const { ends, say, stream } = await against(true);
    stream.capacity = 0;
    await say(HELLO);
    for (let i = 0; i < 100 && ends.length === 0; i++)
      await say(...Array.from({ length: 500 }, (_, n) => frame({ type: 'ping', n })));
    expect(ends).toMatchObject([{ code: 'quota_exceeded' }]);
  });

  test('[F6] 2,000 garbage frames: each ends its stream with a typed error, and no more', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 60 }),
            fc
              .tuple(fc.nat(10), fc.uint8Array({ maxLength: 40 }))
              .map(([type, payload]) => Uint8Array.from([0, 0, 0, payload.length + 1, type, ...payload])),
          ),
          { minLength: 1, maxLength: 6 },
        ),
        async (greeted, pieces) => {
          const { ends, say, link } = await against(true);
          if (greeted) await say(HELLO);
          await say(...pieces);
          for (const error of ends) expect(error).toMatchObject({ name: 'SkeinError' });
          for (const { code } of ends) expect(code).not.toBe('internal');
          link.abort(new Error('next') as SkeinError);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
