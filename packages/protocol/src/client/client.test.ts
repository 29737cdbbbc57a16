/** The client against a scripted node in memory: nothing is sent twice in effect, nothing waits for ever (rules K2, C3, C4, L3). */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type ClientFrame, clientFrame, type NodeFrame } from '../channel/frames.ts';
import { pack, unpack } from '../codec.ts';
import { LANE_CREDIT_STEP } from '../limits.ts';
import { Client } from './client.ts';
import type { Connect, TransportEvents } from './transport.ts';

/** Bytes of the largest frame that it takes. */
const LIMIT = 64 * 1024;

/** A node that a test drives by hand. Every frame that arrives wakes whoever waits for one. */
class ScriptedNode {
  readonly frames: ClientFrame[] = [];
  connections = 0;
  refuse = false;
  /** How many connections it has no room for yet. */
  full = 0;
  #events: TransportEvents | undefined;
  #wake: (() => void)[] = [];

  readonly connect: Connect = async (events) => {
    if (this.refuse) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    this.connections++;
    this.#events = events;
    return {
      send: (message) => {
        const frame = clientFrame(unpack(message), '');
        this.frames.push(frame);
        if (frame.t === 'hello' && this.full-- > 0)
          this.say({ t: 'refused', error: { code: 'mailbox_full', message: 'Full.' }, versions: [1] });
        else if (frame.t === 'hello')
          this.say({
            t: 'welcome',
            version: 1,
            node: { id: 'n', version: '1', pid: 1 },
            limits: { frame: LIMIT, lanes: 1, window: 1 },
          });
        for (const wake of this.#wake.splice(0)) wake();
      },
      buffered: 0,
      close: () => this.drop(),
      pause: () => {},
      resume: () => {},
    };
  };

  say(frame: NodeFrame): void {
    this.#events?.message(pack(frame));
  }

  drop(): void {
    const events = this.#events;
    this.#events = undefined;
    events?.closed();
  }

  /** The first frame of this type that has not been taken yet. */
  async take<T extends ClientFrame['t']>(t: T): Promise<Extract<ClientFrame, { t: T }>> {
    for (;;) {
      const at = this.frames.findIndex((f) => f.t === t);
      if (at >= 0) return this.frames.splice(at, 1)[0] as Extract<ClientFrame, { t: T }>;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }
}

function connect(node: ScriptedNode): Promise<Client> {
  return Client.connect({ connect: node.connect, name: 'test', version: '0', retryFor: 5_000 });
}

function event(type: string): Uint8Array {
  return pack({ type, at: 0, by: null, body: null });
}

describe('client', () => {
  test('[K2] a command whose reply was lost is sent again under the same id, and acknowledged once answered', async () => {
    const node = new ScriptedNode();
    const client = await connect(node);
    const reply = client.command('node', 'session.remove', { id: 'x', purge: false });
    const first = await node.take('cmd');
    node.drop();
    const second = await node.take('cmd');
    expect(second).toEqual(first);
    node.say({ t: 'reply', id: second.id, body: 'done' });
    expect(await reply).toBe('done');
    expect(await node.take('ack')).toMatchObject({ client: first.id.client, seq: first.id.seq });
    client.close();
  });

  test('[K5] what is larger than the node takes is refused by name, and nothing else with it', async () => {
    const node = new ScriptedNode();
    const client = await connect(node);
    const other = client.ask('status', {});
    const vars = { BIG: 'x'.repeat(LIMIT) };
    await expect(client.ask('env', { vars })).rejects.toMatchObject({
      code: 'too_large',
      data: { most: LIMIT },
    });
    node.say({ t: 'answer', n: (await node.take('ask')).n, body: 'all is well' });
    expect(await other).toBe('all is well');
    expect(node.connections).toBe(1);
    client.close();
  });

  test('[K5] what is no frame is refused to whoever says it, and nothing else with it', async () => {
    const node = new ScriptedNode();
    const client = await connect(node);
    const other = client.ask('status', {});
    const far = client.command(`session/${'x'.repeat(200)}`, 'task.slots', { slots: 1 });
    await expect(far).rejects.toMatchObject({ code: 'bad_request', data: { field: 'target' } });
    for (const ref of [10n, () => 'x', Symbol('x')])
      await expect(client.ask('session', { ref: ref as never })).rejects.toMatchObject({
        code: 'bad_request',
      });
    for (const wrong of [
      { stream: 's'.repeat(200), from: { offset: 0 } },
      { stream: 'node', from: { offset: -1 } },
    ])
      await expect(client.subscribe({ ...wrong, follow: true }).next()).rejects.toMatchObject({
        code: 'bad_request',
      });
    node.say({ t: 'answer', n: (await node.take('ask')).n, body: 'all is well' });
    expect(await other).toBe('all is well');
    expect(node.connections).toBe(1);
    client.close();
  });

  test('[K2] a reply is acknowledged only when those before it have arrived', async () => {
    const node = new ScriptedNode();
    const client = await connect(node);
    const one = client.command('node', 'session.remove', { id: '1', purge: false });
    const two = client.command('node', 'session.remove', { id: '2', purge: false });
    const [a, b] = [await node.take('cmd'), await node.take('cmd')];
    node.say({ t: 'reply', id: b.id, body: null });
    await two;
    expect(node.frames.some((f) => f.t === 'ack')).toBe(false);
    node.say({ t: 'reply', id: a.id, error: { code: 'not_found', message: 'No.' } });
    await expect(one).rejects.toMatchObject({ code: 'not_found' });
    expect((await node.take('ack')).seq).toBe(b.id.seq);
    client.close();
  });

  test('[C4] a subscription goes on from the last event that its reader took', async () => {
    const node = new ScriptedNode();
    const client = await connect(node);
    const events = client.subscribe({ stream: 'node', from: { offset: 0 }, follow: true });
    const sub = await node.take('sub');
    expect(sub.from).toEqual({ offset: 0 });
    node.say({
      t: 'page',
      lane: sub.lane,
      epoch: 2,
      first: 1,
      count: 2,
      head: 4,
      data: Buffer.concat([event('a'), event('b')]),
    });
    node.say({ t: 'page', lane: sub.lane, epoch: 2, first: 3, count: 1, head: 4, data: event('c') });
    expect((await events.next())?.events.map((e) => e.type)).toEqual(['a', 'b']);
    node.drop();
    const again = await node.take('sub');
    // The page that had arrived but was not taken is asked for again.
    expect(again.from).toEqual({ epoch: 2, offset: 2 });
    node.say({ t: 'page', lane: again.lane, epoch: 2, first: 3, count: 1, head: 4, data: event('c') });
    expect(await events.next()).toMatchObject({ first: 3 });
    events.close();
    client.close();
  });

  test('[C2] credit is given back only for what the reader took', async () => {
    const node = new ScriptedNode();
    const client = await connect(node);
    const events = client.subscribe({ stream: 'node', from: { offset: 0 }, follow: true });
    const { lane } = await node.take('sub');
    const data = event('a'.repeat(LANE_CREDIT_STEP));
    node.say({ t: 'page', lane, epoch: 1, first: 1, count: 1, head: 1, data });
    expect(node.frames.some((f) => f.t === 'credit')).toBe(false);
    await events.next();
    expect((await node.take('credit')).bytes).toBe(data.length);
    client.close();
  });

  test('[C2] little credit is kept back, never so much that the window would be spent', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 2 * LANE_CREDIT_STEP }), { maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(sizes, async (consumed) => {
        const node = new ScriptedNode();
        const client = await connect(node);
        const events = client.subscribe({ stream: 'node', from: { offset: 0 }, follow: true });
        const { lane } = await node.take('sub');
        let owed = 0;
        for (const bytes of consumed) {
          client.credit(lane, bytes);
          owed += bytes;
          for (const frame of node.frames.splice(0)) if (frame.t === 'credit') owed -= frame.bytes;
          expect(owed).toBeGreaterThanOrEqual(0);
          expect(owed).toBeLessThan(LANE_CREDIT_STEP);
        }
        events.close();
        client.close();
      }),
    );
  });

  test('[C4] a lane that begins anew on another connection owes nothing of the old', async () => {
    const node = new ScriptedNode();
    const client = await connect(node);
    client.subscribe({ stream: 'node', from: { offset: 0 }, follow: true });
    const { lane } = await node.take('sub');
    client.credit(lane, LANE_CREDIT_STEP - 1);
    node.drop();
    await node.take('sub');
    client.credit(lane, 1);
    expect(node.frames.filter((f) => f.t === 'credit')).toEqual([]);
    client.credit(lane, LANE_CREDIT_STEP);
    expect((await node.take('credit')).bytes).toBe(LANE_CREDIT_STEP + 1);
    client.close();
  });

  test('[L4] a refused cursor reaches the reader as a typed error with its bounds', async () => {
    const node = new ScriptedNode();
    const client = await connect(node);
    const events = client.subscribe({ stream: 'node', from: { offset: 9 }, follow: true });
    const { lane } = await node.take('sub');
    node.say({ t: 'end', lane, error: { code: 'cursor_past_head', message: 'Past.', data: { head: 4 } } });
    await expect(events.next()).rejects.toMatchObject({ code: 'cursor_past_head', data: { head: 4 } });
    client.close();
  });

  test('[C3] a node of other versions is told apart, with those it would accept', async () => {
    const refusing: Connect = async (events) => {
      const transport = { send: () => {}, buffered: 0, close: () => {}, pause: () => {}, resume: () => {} };
      queueMicrotask(() => {
        const error = { code: 'unsupported_version', message: 'Versions 7.', data: { versions: [7] } };
        events.message(pack({ t: 'refused', error, versions: [7] }));
      });
      return transport;
    };
    const refused = Client.connect({ connect: refusing, name: 'test', version: '0' });
    await expect(refused).rejects.toMatchObject({ code: 'unsupported_version', data: { versions: [7] } });
  });

  test('[C5] a frame that does not parse ends the connection, not the client', async () => {
    const node = new ScriptedNode();
    const client = await connect(node);
    const answer = client.ask('sessions', {});
    const ask = await node.take('ask');
    node.say({ t: 'nonsense' } as unknown as NodeFrame);
    expect((await node.take('ask')).n).toBe(ask.n);
    node.say({ t: 'answer', n: ask.n, body: [] });
    expect(await answer).toEqual([]);
    expect(node.connections).toBe(2);
    client.close();
  });

  test('[C4] a silent connection is asked for a sign of life, and given up within ten seconds', async () => {
    vi.useFakeTimers();
    try {
      const node = new ScriptedNode();
      const client = await Client.connect({ connect: node.connect, name: 'test', version: '0' });
      const answer = client.ask('sessions', {});
      const refused = expect(answer).rejects.toMatchObject({ code: 'node_unreachable' });
      for (let spoken = 0; spoken < 5; spoken++) {
        await vi.advanceTimersByTimeAsync(8_000);
        expect(node.frames.some(({ t }) => t === 'ping')).toBe(true);
        node.say({ t: 'pong', n: 0 });
      }
      expect(node.connections).toBe(1);
      await vi.advanceTimersByTimeAsync(10_000);
      await refused;
      client.close();
    } finally {
      vi.useRealTimers();
    }
  });

  test('[C4] a node that has no room for it yet, as while it still counts those that were lost, is asked again', async () => {
    const node = new ScriptedNode();
    const client = await connect(node);
    const answer = client.ask('sessions', {});
    await node.take('ask');
    node.full = 2;
    node.drop();
    const ask = await vi.waitUntil(
      () => node.connections === 4 && node.frames.findLast(({ t }) => t === 'ask'),
    );
    if (ask.t === 'ask') node.say({ t: 'answer', n: ask.n, body: [] });
    expect(await answer).toEqual([]);
    client.close();
  });

  test('[C4][M3] who is sent away after having been let in comes again, and only what is then said counts', async () => {
    const sent = {
      t: 'refused',
      error: { code: 'not_allowed', message: 'Your role was changed.' },
      versions: [1],
    };
    const [node, once] = [new ScriptedNode(), new ScriptedNode()];
    const client = await connect(node);
    const answer = client.ask('sessions', {});
    await node.take('ask');
    node.say(sent as NodeFrame);
    const again = await node.take('ask');
    node.say({ t: 'answer', n: again.n, body: [] });
    expect(await answer).toEqual([]);
    client.close();
    const leaving = await Client.connect({ connect: once.connect, name: 'test', version: '0' });
    const waiting = leaving.ask('sessions', {});
    await once.take('ask');
    once.say(sent as NodeFrame);
    const message = 'The connection to the node was lost: Your role was changed.';
    await expect(waiting).rejects.toMatchObject({ code: 'node_unreachable', message });
  });

  test('[C4] when nobody can be reached, whatever waits is refused', async () => {
    const node = new ScriptedNode();
    const client = await Client.connect({ connect: node.connect, name: 'test', version: '0' });
    const answer = client.ask('sessions', {});
    await node.take('ask');
    node.drop();
    await expect(answer).rejects.toMatchObject({ code: 'node_unreachable' });
    await expect(client.ask('sessions', {})).rejects.toMatchObject({ code: 'node_unreachable' });
  });

  test('[C4] a client that is closed while it reconnects closes what it gets', async () => {
    const node = new ScriptedNode();
    let open: () => void = () => {};
    let closed = false;
    const told: string[] = [];
    const client = await Client.connect({
      connect: async (events) => {
        if (node.connections === 0) return node.connect(events);
        await new Promise<void>((resolve) => {
          open = resolve;
        });
        const transport = await node.connect(events);
        const close = () => {
          closed = true;
        };
        return { ...transport, close };
      },
      ...{ name: 'test', version: '0', retryFor: 5_000 },
      onConnection: (state) => told.push(state),
    });
    await node.take('hello');
    node.drop();
    client.close();
    open();
    await expect.poll(() => closed).toBe(true);
    expect(told).toEqual(['lost']);
    expect(node.frames).toEqual([]);
  });

  test('[C4] a client that could not be opened, or is closed, leaves no timer', async () => {
    vi.useFakeTimers();
    try {
      const node = new ScriptedNode();
      const client = await connect(node);
      client.close();
      const broken: Connect = async (events) => {
        const transport = await node.connect(events);
        queueMicrotask(() => node.drop());
        return { ...transport, send: () => {} };
      };
      await expect(Client.connect({ connect: broken, name: 'test', version: '0' })).rejects.toMatchObject({
        code: 'node_unreachable',
      });
      const lost = await connect(node);
      node.refuse = true;
      node.drop();
      lost.close();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
