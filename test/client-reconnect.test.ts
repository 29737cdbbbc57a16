/** A client whose new connection is lost before the node has said welcome (rule C4). */
import { Client } from '@skein/protocol/client/client';
import type { Transport, TransportEvents } from '@skein/protocol/client/transport';
import { pack, unpack } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import { afterEach, expect, it, vi } from 'vitest';

const WELCOME = {
  t: 'welcome',
  version: 1,
  node: { id: 'n', version: '0', pid: 1 },
  limits: { frame: 1_000_000, lanes: 1, window: 1 },
};

/** Connections that say welcome, or are lost at once, as the list says. */
function scripted(script: ('welcome' | 'lost' | 'refused')[]) {
  const opened: TransportEvents[] = [];
  const connect = async (events: TransportEvents): Promise<Transport> => {
    const what = script[Math.min(opened.length, script.length - 1)];
    opened.push(events);
    if (what === 'refused') {
      events.closed();
      throw new SkeinError('node_unreachable', 'Nobody listens.');
    }
    return {
      send: (message) => {
        if ((unpack(message) as { t: string }).t !== 'hello') return;
        queueMicrotask(() => (what === 'welcome' ? events.message(pack(WELCOME)) : events.closed()));
      },
      buffered: 0,
      close: () => {},
      pause: () => {},
      resume: () => {},
    };
  };
  return { connect, opened };
}

afterEach(() => {
  vi.useRealTimers();
});

it('[C4] opens one connection after another, never two, when a new one is lost before its welcome', async () => {
  const { connect, opened } = scripted(['welcome', 'lost', 'lost', 'welcome']);
  let times = 0;
  const client = await Client.connect({
    connect,
    name: 'test',
    version: '0',
    retryFor: 10_000,
    onConnection: (state) => {
      if (state === 'back') times++;
    },
  });
  vi.useFakeTimers();
  opened[0]?.closed();
  // Whatever a second chain of attempts would still do, it would do within its next pause, which is a second at most.
  await vi.advanceTimersByTimeAsync(2_000);
  expect(opened.length).toBe(4);
  expect(times).toBe(1);
  client.close();
});

it('[C4] rejects as unreachable when a connection is closed before it is opened', async () => {
  const { connect } = scripted(['refused']);
  await expect(Client.connect({ connect, name: 'test', version: '0' })).rejects.toMatchObject({
    code: 'node_unreachable',
  });
});
