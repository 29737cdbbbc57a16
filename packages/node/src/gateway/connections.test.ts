/** How long and how many somebody unknown may be, without a kernel: only the index is looked at (rules M2, C5). */
import { pack, unpack } from '@skein/protocol/codec';
import { keyed } from '@skein/protocol/keyed';
import { emptyPeers } from '@skein/protocol/peers/state';
import { emptyNode, type NodeState } from '@skein/protocol/sessions/node-state';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { KernelApi } from '../kernel/types.ts';
import { Gate } from '../members/gate.ts';
import { Roll } from '../members/roll.ts';
import { Connections } from './connections.ts';
import type { Pipe, PipeEvents } from './pipe.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A pipe whose far end is the test. */
function farEnd() {
  const said: { t: string; error?: { code: string } }[] = [];
  const end: { events: PipeEvents | undefined; closed: string | undefined } = {
    events: undefined,
    closed: undefined,
  };
  const pipe: Pipe = {
    buffered: 0,
    send: (message) => void said.push(unpack(message) as (typeof said)[number]),
    pause: () => {},
    resume: () => {},
    close: (reason = 'closed') => {
      end.closed = reason;
      end.events?.closed();
    },
  };
  return { pipe, said, end };
}

function node(index: NodeState) {
  const kernel = {
    peek: (target: string) => (target === 'node' ? index : emptyPeers()),
    state: () => Promise.reject(),
  } as unknown as KernelApi;
  const gate = new Gate(kernel);
  const roll = new Roll(() => 5);
  const visits = () => ({ admit: () => {} }) as never;
  return {
    roll,
    connections: new Connections({
      kernel,
      node: { id: 'n', version: '1' },
      gate,
      roll,
      visits,
      follows: () => () => {},
    }),
  };
}

const hello = pack({ t: 'hello', versions: [1], client: { name: 'x', version: '1' } });

function admitting(device: string): NodeState {
  const listed = { id: 's', name: 's', argv: [], created: 0, state: 'running' as const, run: '', agents: [] };
  const devices = { [device]: { member: 'm', name: 'n', role: 'viewer' as const } };
  return { ...emptyNode(), sessions: keyed([['s', { ...listed, devices }]]) };
}

describe('connections', () => {
  test('[M2] somebody unknown who has joined nothing is sent away after ten seconds; a member stays', () => {
    const { connections, roll } = node(admitting('member'));
    const [stranger, member] = [farEnd(), farEnd()];
    stranger.end.events = connections.accept('stranger', stranger.pipe);
    member.end.events = connections.accept('member', member.pipe);
    for (const one of [stranger, member]) one.end.events?.message(hello);
    vi.advanceTimersByTime(6_000);
    // A sign of life, so that silence is not what ends them.
    for (const one of [stranger, member]) one.end.events?.message(pack({ t: 'pong', n: 0 }));
    vi.advanceTimersByTime(4_000);
    expect(stranger.end.closed).toBe('not_allowed');
    expect(stranger.said.at(-1)).toMatchObject({ t: 'refused', error: { code: 'not_allowed' } });
    expect(member.end.closed).toBeUndefined();
    expect(roll.seen('stranger')).toEqual({ connected: false, at: 5 });
    expect(roll.seen('member')).toEqual({ connected: true, at: 5 });
    connections.close();
    expect(connections.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('[C3] a device is told nothing of the process that serves it', () => {
    const { connections } = node(admitting('member'));
    const { pipe, said, end } = farEnd();
    end.events = connections.accept('member', pipe);
    end.events?.message(hello);
    expect(said).toMatchObject([{ t: 'welcome', node: { id: 'n', pid: 0 } }]);
    connections.close();
  });

  test('[M2] those unknown are bounded together and each, and leave room when they go; members are not counted', () => {
    const { connections } = node(admitting('member'));
    const ends = Array.from({ length: 200 }, (_, i) => {
      const one = farEnd();
      one.end.events = connections.accept(`stranger ${i}`, one.pipe);
      return one;
    });
    const served = ends.filter(({ end }) => end.events !== undefined);
    expect(served).toHaveLength(128);
    expect(connections.accept('one more', farEnd().pipe)).toBeUndefined();
    expect(connections.accept('member', farEnd().pipe)).toBeDefined();
    served[0]?.pipe.close();
    expect(connections.accept('one more', farEnd().pipe)).toBeDefined();
    connections.cut('one more', 'why');
    expect(connections.accept('one more', farEnd().pipe)).toBeDefined();
    connections.close();
  });

  test('[K5] a member with as many connections as a device may have is told so, not that they may not come', () => {
    const { connections } = node(admitting('member'));
    const [first] = Array.from({ length: 64 }, () => {
      const one = farEnd();
      one.end.events = connections.accept('member', one.pipe);
      return one;
    });
    const more = farEnd();
    more.end.events = connections.accept('member', more.pipe);
    expect(more.said).toMatchObject([{ t: 'refused', error: { code: 'mailbox_full' } }]);
    expect([more.end.closed, connections.size]).toEqual(['mailbox_full', 64]);
    first?.pipe.close();
    expect(connections.accept('member', farEnd().pipe)).toBeDefined();
    expect(connections.size).toBe(64);
    connections.close();
  });
});
