/** The node's door, with the real kernel behind it and the real client before it (rules C1–C5, K1, K2, L3, L4). */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from '@skein/protocol/client/client';
import type { Connect, TransportEvents } from '@skein/protocol/client/transport';
import { pack, unpack, unpackAll } from '@skein/protocol/codec';
import { MAX_FRAME, MAX_HELLO, MAX_LANES } from '@skein/protocol/limits';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Kernel } from '../kernel/kernel.ts';
import type { KernelApi } from '../kernel/types.ts';
import { Gate } from '../members/gate.ts';
import { LOCAL_USER } from '../members/principal.ts';
import { Roll } from '../members/roll.ts';
import { nodeActor } from '../sessions/node-actor.ts';
import { sessionActor } from '../sessions/session-actor.ts';
import { Connections } from './connections.ts';
import { type Gateway, listen } from './server.ts';
import { type OwnerContext, ownerVisit } from './visit.ts';

let home: string;
let kernel: KernelApi;
let gateway: Gateway;
let socket: string;
let starts: number;

beforeEach(async () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'sk-gate-'));
  socket = path.join(home, 'n.sock');
  starts = 0;
  kernel = await Kernel.open({ dir: path.join(home, 'log') });
  kernel.registerActor(nodeActor);
  kernel.registerActor(sessionActor);
  kernel.registerEffect({
    kind: 'start-run',
    idempotent: true,
    run: async () => ({ host: 'h', pid: ++starts, start: 't' }),
  });
  kernel.start();
  const owner: OwnerContext = {
    kernel,
    execute: (by, command) => kernel.execute(by, command),
    ask: async (type, body) => ({ type, body }),
    openTerminal: () => ({ start() {}, credit() {}, close() {} }),
  };
  const connections = new Connections({
    kernel,
    node: { id: 'n', version: '1' },
    gate: new Gate(kernel),
    roll: new Roll(),
    follows: () => () => {},
    visits: () => ownerVisit(owner, LOCAL_USER),
  });
  gateway = await listen(socket, connections, () => {
    throw new Error('no other node is asked for');
  });
});
afterEach(async () => {
  await gateway.close();
  await kernel.close();
  fs.rmSync(home, { recursive: true, force: true });
});

/** A connection for the client, which the test can cut. */
function connector(): { connect: Connect; cut: () => void } {
  let current: WebSocket | undefined;
  const connect: Connect = (events: TransportEvents) =>
    new Promise((resolve, reject) => {
      const ws = new WebSocket(`ws+unix:${socket}:/`, { perMessageDeflate: false });
      current = ws;
      ws.on('message', (data: Uint8Array) => events.message(data));
      ws.on('close', () => events.closed());
      ws.on('error', reject);
      ws.on('open', () =>
        resolve({
          send: (message) => ws.send(message),
          get buffered() {
            return ws.bufferedAmount;
          },
          close: () => ws.close(),
          pause: () => ws.pause(),
          resume: () => ws.resume(),
        }),
      );
    });
  return { connect, cut: () => current?.terminate() };
}

/** A peer that says whatever the test likes. */
class Raw {
  readonly #ws = new WebSocket(`ws+unix:${socket}:/`, { perMessageDeflate: false });
  readonly frames: Record<string, unknown>[] = [];
  #wake: (() => void)[] = [];
  closed = false;
  closeCode = 0;

  static async open(hello = true): Promise<Raw> {
    const raw = new Raw();
    raw.#ws.on('message', (data: Uint8Array) => {
      raw.frames.push(unpack(data) as Record<string, unknown>);
      for (const wake of raw.#wake.splice(0)) wake();
    });
    raw.#ws.on('close', (code: number) => {
      raw.closed = true;
      raw.closeCode = code;
      for (const wake of raw.#wake.splice(0)) wake();
    });
    raw.#ws.on('error', () => {});
    await new Promise((resolve) => raw.#ws.once('open', resolve));
    if (hello) {
      raw.say({ t: 'hello', versions: [1], client: { name: 'raw', version: '0' } });
      await raw.until(() => raw.frames.some((f) => f.t === 'welcome'));
    }
    return raw;
  }

  say(value: unknown): void {
    this.#ws.send(pack(value));
  }

  send(bytes: Uint8Array | string): void {
    this.#ws.send(bytes);
  }

  of(t: string): Record<string, unknown>[] {
    return this.frames.filter((f) => f.t === t);
  }

  async until(wanted: () => boolean): Promise<void> {
    while (!wanted()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  close(): void {
    this.#ws.terminate();
  }
}

const wish = { id: 'aaaaaaaaaaaa', run: 'bbbbbbbbbbbb', argv: ['bash'], cwd: '/', cols: 80, rows: 24 };

describe('agreement', () => {
  test('[C3] an unknown version is refused with those that would be accepted', async () => {
    const raw = await Raw.open(false);
    raw.say({ t: 'hello', versions: [7], client: { name: 'raw', version: '0' } });
    await raw.until(() => raw.closed);
    expect(raw.of('refused')).toMatchObject([{ error: { code: 'unsupported_version' }, versions: [1] }]);
  });

  test('[C3] nothing is served before hello', async () => {
    const raw = await Raw.open(false);
    raw.say({ t: 'ask', n: 1, type: 'status', body: {} });
    await raw.until(() => raw.closed);
    expect(raw.of('refused')).toMatchObject([{ error: { code: 'bad_frame' } }]);
    expect(raw.of('answer')).toEqual([]);
  });
});

describe('bad frames', () => {
  test('[C5] each gets a typed error and closes that channel, no other', async () => {
    const honest = await Client.connect({ ...connector(), name: 'test', version: '0' });
    const bad: [Uint8Array | string, string][] = [
      [new Uint8Array([0xc1]), 'bad_frame'],
      ['text', 'bad_frame'],
      [pack({ t: 'ask' }), 'bad_frame'],
      [pack([1, 2, 3]), 'bad_frame'],
    ];
    for (const [bytes, code] of bad) {
      const raw = await Raw.open();
      raw.send(bytes);
      await raw.until(() => raw.closed);
      expect(raw.of('refused').map((f) => (f.error as { code: string }).code)).toEqual([code]);
    }
    expect(await honest.ask('sessions', {})).toMatchObject({ type: 'sessions' });
    honest.close();
  });

  test('[C5] a frame past the limit is refused by its length alone, as WebSocket says it: 1009', async () => {
    const raw = await Raw.open();
    raw.send(new Uint8Array(MAX_FRAME + 1));
    await raw.until(() => raw.closed);
    expect(raw.closeCode).toBe(1009);
  });

  test('[K5] an answer past it is refused to whoever asked, who goes on', async () => {
    const raw = await Raw.open();
    const ask = { t: 'ask', n: 1, type: 'sessions', body: '' };
    // What is asked comes back with a few bytes more.
    raw.say({ ...ask, body: 'x'.repeat(MAX_FRAME - pack(ask).length - 8) });
    raw.say({ ...ask, n: 2 });
    await raw.until(() => raw.of('answer').length === 2);
    const answers = raw.of('answer').toSorted((a, b) => Number(a.n) - Number(b.n));
    expect(answers).toMatchObject([{ error: { code: 'too_large' } }, { body: { type: 'sessions' } }]);
  });

  test('[C5] before its hello nobody has more unpacked than a hello takes', async () => {
    const raw = await Raw.open(false);
    const more = new Uint8Array(MAX_HELLO);
    raw.say({ t: 'hello', versions: [1], client: { name: 'raw', version: '0' }, more });
    await raw.until(() => raw.closed);
    expect(raw.frames).toMatchObject([{ t: 'refused', error: { code: 'frame_too_large' } }]);
  });

  test('[C5] a lane too many is refused, and the channel goes on', async () => {
    const raw = await Raw.open();
    for (let lane = 1; lane <= MAX_LANES + 1; lane++) {
      raw.say({ t: 'sub', lane, stream: 'node', from: { offset: 0 }, follow: true, credit: 1 });
    }
    raw.say({ t: 'ask', n: 1, type: 'x', body: null });
    await raw.until(() => raw.of('answer').length > 0 && raw.of('end').some((f) => f.lane === MAX_LANES + 1));
    raw.close();
  });
});

describe('commands', () => {
  test('[K1] who sends a command comes from the channel, whatever the message says', async () => {
    const raw = await Raw.open();
    const by = { kind: 'somebody else' };
    const owner = { kind: 'owner', via: 'local' };
    raw.say({
      t: 'cmd',
      id: { client: 'x', seq: 1 },
      target: 'node',
      type: 'session.create',
      body: { ...wish, by },
      by,
    });
    await raw.until(() => raw.of('reply').length > 0);
    raw.say({
      t: 'sub',
      lane: 1,
      stream: `session/${wish.id}`,
      from: { offset: 0 },
      follow: false,
      credit: 100_000,
    });
    await raw.until(() => raw.of('page').length > 0);
    const [page] = raw.of('page');
    const events = unpackAll(page?.data as Uint8Array) as { by: unknown }[];
    // The third is the start's outcome, which the kernel itself brings.
    expect(events.slice(0, 2).map((e) => e.by)).toEqual([owner, owner]);
    expect(JSON.stringify(events)).not.toContain('somebody else');
    raw.close();
  });

  test('[K2] over a cut connection a command takes effect once, and its reply arrives', async () => {
    const { connect, cut } = connector();
    const client = await Client.connect({ connect, name: 'test', version: '0', retryFor: 5_000 });
    const reply = client.command('node', 'session.create', wish);
    cut();
    expect(await reply).toMatchObject({ id: wish.id, name: 'bash' });
    let created = 0;
    for await (const page of client.subscribe({ stream: 'node', from: { offset: 0 }, follow: false })) {
      created += page.events.filter((e) => e.type === 'session.added').length;
    }
    expect(created).toBe(1);
    client.close();
  });
});

describe('lanes', () => {
  async function fill(client: Client, count: number): Promise<void> {
    const names = Array.from({ length: count }, (_, i) => `n${i}`);
    await client.command('node', 'session.create', { ...wish, name: 'first' });
    await Promise.all(names.map((name) => client.command('node', 'session.rename', { id: wish.id, name })));
  }

  test('[L3] events arrive whole and in order, through a reader that takes its time and a cut', async () => {
    const { connect, cut } = connector();
    const client = await Client.connect({ connect, name: 'test', version: '0', retryFor: 5_000 });
    await fill(client, 700);
    const offsets: number[] = [];
    for await (const page of client.subscribe({ stream: 'node', from: { offset: 0 }, follow: false })) {
      if (offsets.length === 0) cut();
      for (let i = 0; i < page.events.length; i++) offsets.push(page.first + i);
    }
    const head = kernel.head('node')?.head ?? 0;
    expect(head).toBeGreaterThan(700);
    expect(offsets).toEqual(Array.from({ length: head }, (_, i) => i + 1));
    client.close();
  });

  test('[C2] a lane without credit is sent one page at most, and holds up no other', async () => {
    const client = await Client.connect({ ...connector(), name: 'test', version: '0' });
    await fill(client, 600);
    const raw = await Raw.open();
    raw.say({ t: 'sub', lane: 1, stream: 'node', from: { offset: 0 }, follow: true, credit: 1 });
    raw.say({ t: 'sub', lane: 2, stream: 'node', from: { offset: 0 }, follow: false, credit: 1_000_000 });
    await raw.until(() => raw.of('end').some((f) => f.lane === 2));
    expect(raw.of('page').filter((f) => f.lane === 1)).toHaveLength(1);
    raw.say({ t: 'credit', lane: 1, bytes: 1_000_000 });
    const head = kernel.head('node')?.head ?? 0;
    await raw.until(() =>
      raw.of('page').some((f) => f.lane === 1 && (f.first as number) + (f.count as number) > head),
    );
    raw.close();
    client.close();
  });

  test('[L4] a cursor past the head or of another epoch is refused, with the bounds', async () => {
    const client = await Client.connect({ ...connector(), name: 'test', version: '0' });
    await fill(client, 3);
    const read = (from: { epoch?: number; offset: number }) =>
      client.subscribe({ stream: 'node', from, follow: false }).next();
    await expect(read({ epoch: 99, offset: 1 })).rejects.toMatchObject({ code: 'cursor_wrong_epoch' });
    await expect(
      client.subscribe({ stream: 'session/none', from: { offset: 0 }, follow: false }).next(),
    ).rejects.toMatchObject({ code: 'not_found' });
    client.close();
  });
});
