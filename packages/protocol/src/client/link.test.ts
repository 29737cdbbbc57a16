/** A client's connections as they end: silent, at once, again and again, refused (rules C4, C5, K2). On counted beats and a clock of the test's own. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ClientFrame, NodeFrame } from '../channel/frames.ts';
import { pack, unpack } from '../codec.ts';
import { Client } from './client.ts';
import type { ClientOptions } from './options.ts';
import type { Transport, TransportEvents } from './transport.ts';

const WELCOME: NodeFrame = {
  t: 'welcome',
  version: 1,
  node: { id: 'n', version: '0', pid: 1 },
  limits: { frame: 1_000_000, lanes: 1, window: 1 },
};

/** One connection as its node has it. */
interface End {
  said: ClientFrame[];
  say(frame: NodeFrame): void;
  hangUp(): void;
}

/** A node that welcomes everybody, then does as `each` says. Its transports never close by themselves, as over a dead network. */
function node(each: (end: End, frame: ClientFrame, nth: number) => void = () => {}) {
  const ends: End[] = [];
  const connect = async (events: TransportEvents): Promise<Transport> => {
    const nth = ends.length;
    const end: End = {
      said: [],
      say: (frame) => events.message(pack(frame)),
      hangUp: () => events.closed(),
    };
    ends.push(end);
    return {
      send: (message) => {
        const frame = unpack(message) as ClientFrame;
        end.said.push(frame);
        queueMicrotask(() => {
          if (frame.t === 'hello') end.say(WELCOME);
          each(end, frame, nth);
        });
      },
      buffered: 0,
      close: () => {},
      pause: () => {},
      resume: () => {},
    };
  };
  return { connect, ends };
}

const to = (connect: ClientOptions['connect'], more: Partial<ClientOptions> = {}) =>
  Client.connect({ connect, name: 'test', version: '0', retryFor: 5_000, ...more });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('[C4] a silent connection is given up within 10 s, though its transport does not say that it closes', async () => {
  const { connect, ends } = node();
  const states: string[] = [];
  const client = await to(connect, { onConnection: (state) => states.push(state) });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(states).toEqual(['lost', 'back']);
  expect(ends).toHaveLength(2);
  client.close();
});

test('[C4] what a connection still says when it was given up is heard by nobody', async () => {
  const { connect, ends } = node();
  const client = await to(connect);
  const answer = client.ask('status', {});
  await vi.advanceTimersByTimeAsync(10_000);
  ends[0]?.say({ t: 'answer', n: 1, body: 'old' });
  ends[1]?.say({ t: 'answer', n: 1, body: 'new' });
  expect(await answer).toBe('new');
  client.close();
});

test('[C4] a node that hangs up behind each welcome is tried ever more slowly, and in the end no more', async () => {
  const { connect, ends } = node((end, frame) => {
    if (frame.t === 'hello') end.hangUp();
  });
  const client = await to(connect);
  const refused = expect(client.ask('status', {})).rejects.toMatchObject({ code: 'node_unreachable' });
  await vi.advanceTimersByTimeAsync(7_000);
  await refused;
  expect(ends.length).toBeLessThan(20);
});

test('[C4] one that breaks off often, but brings something each time, is not given up', async () => {
  const { connect, ends } = node((end, frame, nth) => {
    if (frame.t !== 'ask') return;
    if (nth === 99) end.say({ t: 'answer', n: frame.n, body: 'there' });
    else {
      end.say({ t: 'live', lane: 1, epoch: 1, head: 1 });
      setTimeout(end.hangUp, 100);
    }
  });
  const client = await to(connect);
  const answer = client.ask('status', {});
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await answer).toBe('there');
  expect(ends).toHaveLength(100);
  client.close();
});

test('[C5] what a node does not understand of this client is not said to it again', async () => {
  const { connect, ends } = node((end, frame) => {
    if (frame.t === 'ask')
      end.say({ t: 'refused', error: { code: 'bad_frame', message: 'What?' }, versions: [1] });
  });
  const client = await to(connect);
  await expect(client.ask('status', {})).rejects.toMatchObject({ code: 'bad_frame', message: 'What?' });
  expect(ends).toHaveLength(1);
});

test('[K2] an acknowledgement that may have been lost is said again on the next connection', async () => {
  const { connect, ends } = node((end, frame) => {
    if (frame.t === 'cmd') end.say({ t: 'reply', id: frame.id, body: null });
  });
  const client = await to(connect, { id: 'me' });
  await client.command('node', 'session.remove', { id: 'x', purge: false });
  await vi.advanceTimersByTimeAsync(1_000);
  ends[0]?.hangUp();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(ends[1]?.said).toContainEqual({ t: 'ack', client: 'me', seq: 1 });
  client.close();
});

/** What is thrown where nobody catches it. */
function uncaught(): unknown[] {
  const thrown: unknown[] = [];
  const { queueMicrotask: later } = globalThis;
  vi.stubGlobal('queueMicrotask', (call: () => void) =>
    later(() => {
      try {
        call();
      } catch (error) {
        thrown.push(error);
      }
    }),
  );
  return thrown;
}

test('[C4] what whoever is told that a reader is at the head throws is theirs, and the connection stays', async () => {
  const thrown = uncaught();
  const { connect, ends } = node((end, frame) => {
    if (frame.t === 'sub') end.say({ t: 'live', lane: frame.lane, epoch: 1, head: 0 });
    if (frame.t === 'ask') end.say({ t: 'answer', n: frame.n, body: 'there' });
  });
  const client = await to(connect);
  const mistake = new Error('a mistake of theirs');
  const onLive = () => {
    throw mistake;
  };
  client.subscribe({ stream: 'node', from: { offset: 0 }, follow: true, onLive });
  expect(await client.ask('status', {})).toBe('there');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(ends).toHaveLength(1);
  expect(thrown).toEqual([mistake]);
  client.close();
});

test('[K2] however many commands wait, their replies are acknowledged, and a client that closes settles all', async () => {
  const { connect, ends } = node();
  const client = await to(connect, { id: 'me', retryFor: 0 });
  const replies = Array.from({ length: 150_000 }, () =>
    client.command('node', 'session.remove', { id: 'x', purge: false }).catch(() => 'refused'),
  );
  await vi.advanceTimersByTimeAsync(0);
  ends[0]?.say({ t: 'reply', id: { client: 'me', seq: 1 }, body: 'done' });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(ends[0]?.said.at(-1)).toEqual({ t: 'ack', client: 'me', seq: 1 });
  client.close();
  expect(new Set(await Promise.all(replies))).toEqual(new Set(['done', 'refused']));
});

test('[C4] what whoever is told of a lost connection throws is theirs, and the connection comes back', async () => {
  const thrown = uncaught();
  const { connect, ends } = node((end, frame, nth) => {
    if (frame.t === 'ask' && nth === 1) end.say({ t: 'answer', n: frame.n, body: 'there' });
  });
  const mistake = new Error('a mistake of theirs');
  const onConnection = () => {
    throw mistake;
  };
  const client = await to(connect, { onConnection });
  const answer = client.ask('status', {});
  ends[0]?.hangUp();
  expect(await answer).toBe('there');
  await vi.advanceTimersByTimeAsync(0);
  expect(thrown).toEqual([mistake, mistake]);
  client.close();
});
