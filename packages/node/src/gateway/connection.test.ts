/** One connection whose reader is the test: what waits for it, and how long it is waited for (rules C2, C4). */
import { type NodeFrame, nodeFrame } from '@skein/protocol/channel/frames';
import { pack, unpack } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import { unpack as unpackLight } from '@skein/protocol/light-codec';
import {
  BLOB_CHUNK,
  DEAD_MS,
  HEART_MS,
  LANE_MAX,
  MAX_LANES,
  PAGE_BYTES,
  PING_MS,
} from '@skein/protocol/limits';
import { afterEach, expect, test, vi } from 'vitest';
import type { KernelApi } from '../kernel/types.ts';
import { LOCAL_USER } from '../members/principal.ts';
import { Connection } from './connection.ts';
import type { Pipe } from './pipe.ts';
import { TerminalLane } from './terminal-lane.ts';
import type { Visit } from './visit.ts';

const MiB = 1024 * 1024;

const opened: Connection[] = [];
afterEach(() => {
  for (const connection of opened.splice(0)) connection.close();
});

/** A reader that takes one message when it is told to, and an endless stream, blob and program behind the node. */
function scene(ask: (type: string) => unknown = () => null) {
  const queue: { message: Uint8Array; sent: (() => void) | undefined }[] = [];
  const state = { buffered: 0, most: 0, paused: false, read: 0, ended: '' };
  const stop = (how: string) => () => {
    state.ended ||= how;
    connection.events.closed();
  };
  const pipe: Pipe = {
    get buffered() {
      return state.buffered;
    },
    send: (message, sent) => {
      queue.push({ message: Uint8Array.from(message), sent });
      state.buffered += message.length;
      state.most = Math.max(state.most, state.buffered);
    },
    pause: () => {
      state.paused = true;
    },
    resume: () => {
      state.paused = false;
    },
    close: stop('closed'),
    terminate: stop('terminated'),
  };
  const bytes = (size: number): Uint8Array => {
    state.read += size;
    return new Uint8Array(size);
  };
  const kernel = {
    head: () => undefined,
    readBlob: async () => bytes(BLOB_CHUNK),
    subscribe: async () => {
      let first = 1;
      return {
        next: async () => ({ epoch: 0, first: first++, count: 1, data: bytes(PAGE_BYTES) }),
        close: () => {},
      };
    },
  } as unknown as KernelApi;
  const endless = function* () {
    for (;;) yield bytes(PAGE_BYTES);
  };
  const visit = {
    admit: () => {},
    ask: async (type: string) => ask(type),
    reading: () => async () => undefined,
    fetching: async () => {},
    openTerminal: (frame, lane) =>
      new TerminalLane(Promise.resolve({ kind: 'ended', frames: endless }), frame.credit, lane),
  } as Partial<Visit> as Visit;
  const context = { kernel, node: { id: 'n', version: '1' }, visits: () => visit, follows: () => () => {} };
  const connection = new Connection(pipe, LOCAL_USER, context, () => {});
  opened.push(connection);
  const say = (frame: object) => connection.events.message(pack(frame));
  const take = (): NodeFrame | undefined => {
    const next = queue.shift();
    if (next === undefined) return undefined;
    state.buffered -= next.message.length;
    next.sent?.();
    return unpack(next.message) as NodeFrame;
  };
  say({ t: 'hello', versions: [1], client: { name: 'x', version: '1' } });
  take();
  return { state, say, take };
}

/** Whatever can be done without the reader is done. */
async function settled(state: { read: number }): Promise<void> {
  for (let before = -1; before !== state.read; ) {
    before = state.read;
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  }
}

const kinds = {
  events: { t: 'sub', stream: 'session/s', from: { offset: 0 }, follow: true },
  blobs: { t: 'fetch', hash: 'h', from: 0 },
  terminals: { t: 'open', session: 's', role: 'read', hello: {} },
};

test.each(Object.entries(kinds))(
  '[C2] what waits for a reader that does not read is bounded for all its %s together, and all go on when it does',
  async (_, frame) => {
    const { state, say, take } = scene();
    for (let lane = 1; lane <= MAX_LANES; lane++) say({ ...frame, lane, credit: LANE_MAX });
    await settled(state);
    expect(state.most).toBeLessThan(MiB);
    // Beside what waits to be sent, each lane may have one page in hand.
    expect(state.read).toBeLessThan(MiB + MAX_LANES * (PAGE_BYTES + 1));
    // It is heard all the same.
    expect(state.paused).toBe(false);
    const got = new Map<number, number>();
    for (;;) {
      const frame = take();
      if (frame === undefined) {
        await settled(state);
        if (state.buffered === 0) break;
      } else if ('lane' in frame) got.set(frame.lane, (got.get(frame.lane) ?? 0) + sizeOf(frame));
    }
    expect(state.most).toBeLessThan(MiB);
    expect(got.size).toBe(MAX_LANES);
    for (const size of got.values()) expect(size).toBe(LANE_MAX);
  },
);

function sizeOf(frame: NodeFrame): number {
  if (frame.t === 'page') return frame.data.length;
  return frame.t === 'chunk' || frame.t === 'data' ? frame.bytes.length : 0;
}

/** So many answers wait that nothing more is read. */
async function fill({ state, say }: ReturnType<typeof scene>): Promise<void> {
  for (let n = 1; n <= 20; n++) say({ t: 'ask', n, type: 'large', body: null });
  await vi.advanceTimersByTimeAsync(0);
  expect(state.paused).toBe(true);
}

const large = () => new Uint8Array(100_000);

test('[C4] who takes what waits, however slowly, is not given up while this node reads nothing of it', async () => {
  vi.useFakeTimers();
  try {
    const one = scene(large);
    await fill(one);
    for (let taken = 0; taken < 5; taken++) {
      await vi.advanceTimersByTimeAsync(DEAD_MS - HEART_MS);
      expect(one.state).toMatchObject({ paused: true, ended: '' });
      one.take();
    }
    // It is heard again when it has taken enough, and held to what it says from then on.
    while (one.state.paused) one.take();
    await vi.advanceTimersByTimeAsync(DEAD_MS - HEART_MS);
    expect(one.state.ended).toBe('');
    await vi.advanceTimersByTimeAsync(HEART_MS);
    expect(one.state.ended).toBe('terminated');
  } finally {
    vi.useRealTimers();
  }
});

test('[C4] who takes nothing at all of much that waits is given up', async () => {
  vi.useFakeTimers();
  try {
    const one = scene(large);
    await fill(one);
    await vi.advanceTimersByTimeAsync(DEAD_MS + HEART_MS);
    expect(one.state.ended).toBe('terminated');
  } finally {
    vi.useRealTimers();
  }
});

test('[C4] who is not read for all that it has asked hears a sign of life, and is not given up', async () => {
  vi.useFakeTimers();
  try {
    const one = scene(() => new Promise(() => {}));
    // So large that this node would not keep more of them.
    const body = 'x'.repeat(5_000);
    for (let n = 1; !one.state.paused; n++) one.say({ t: 'ask', n, type: 'for ever', body });
    for (let ms = 0; ms < 3 * DEAD_MS; ms += PING_MS) {
      await vi.advanceTimersByTimeAsync(PING_MS);
      expect(one.take()).toMatchObject({ t: 'ping' });
    }
    expect(one.state.ended).toBe('');
  } finally {
    vi.useRealTimers();
  }
});

test('[C2] who waits for many things at once is still heard, and so many are the most', async () => {
  vi.useFakeTimers();
  try {
    const one = scene(() => new Promise(() => {}));
    let asked = 0;
    const ask = () => one.say({ t: 'ask', n: ++asked, type: 'for ever', body: null });
    const whole = () => one.state.paused;
    while (!whole()) ask();
    const atOnce = asked;
    await vi.advanceTimersByTimeAsync(2 * HEART_MS);
    expect(whole()).toBe(false);
    for (let turn = 0; turn < 20; turn++) {
      while (!whole()) ask();
      await vi.advanceTimersByTimeAsync(2 * HEART_MS);
    }
    expect(whole()).toBe(true);
    expect(asked).toBe(atOnce + 2_048);
  } finally {
    vi.useRealTimers();
  }
});

test('[C5] [K5] what no reader would take of an answer is told as that, and the connection goes on', async () => {
  const answers: Record<string, () => unknown> = {
    deep: () => {
      let value: unknown = 1;
      for (let level = 0; level < 200; level++) value = [value];
      return value;
    },
    wordy: () => {
      throw new SkeinError('git_failed', 'x'.repeat(100_000));
    },
    plain: () => 'as ever',
  };
  const { say, take } = scene((type) => answers[type]?.());
  for (const [n, type] of Object.keys(answers).entries()) say({ t: 'ask', n: n + 1, type, body: null });
  await settled({ read: 0 });
  const heard = [take(), take(), take()].map((frame) => nodeFrame(unpackLight(pack(frame)), ''));
  expect(heard[0]).toMatchObject({ t: 'answer', error: { code: 'too_large' } });
  expect(heard[1]).toMatchObject({
    t: 'answer',
    error: { code: 'git_failed', message: expect.stringMatching(/^x+…$/) },
  });
  expect(heard[2]).toMatchObject({ t: 'answer', body: 'as ever' });
});
