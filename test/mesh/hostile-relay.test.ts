/**
 * A relay in the enemy's hands (rules M1, R2): whatever it does, it refuses or delays. It yields no session with another
 * node, and not one byte that was altered, repeated, or out of its place.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HostileRelay } from '../support/hostile-relay.ts';
import { Meshes, type TestNode, until } from '../support/meshes.ts';
import { Random } from '../support/random.ts';
import { RelaySite } from '../support/relay-site.ts';

const meshes = new Meshes();
let relay: HostileRelay;
let a: TestNode;
let b: TestNode;
let c: TestNode;

beforeEach(async () => {
  relay = await HostileRelay.start();
  const relays = [relay.url];
  [a, b, c] = [await meshes.node({ relays }), await meshes.node({ relays }), await meshes.node({ relays })];
  for (const { mesh } of [a, b, c]) await until('registered', () => mesh.relays()[0]?.state === 'registered');
});

afterEach(async () => {
  await meshes.end();
  await relay.end();
});

/** Nobody got a pipe in any name but the one it proved. */
function expectNobodyFooled(): void {
  for (const node of [a, b, c])
    for (const { pipe } of node.arrived) expect([a.mesh.id, b.mesh.id, c.mesh.id]).toContain(pipe.peer);
}

async function expectUnreachable(from: TestNode, to: TestNode): Promise<void> {
  await expect(from.open(to.at(), 1_200)).rejects.toMatchObject({ code: 'peer_unreachable' });
  expect(relay.dials).toBeGreaterThan(0);
}

test('[R2] when it behaves it serves: the others of these tests fail for what they do', async () => {
  const client = await b.open(a.at());
  await client.echo(Buffer.from('hello'));
  expect(a.arrived[0]?.pipe.peer).toBe(b.mesh.id);
});

describe('[M1] it leads a dialer elsewhere', () => {
  test('to another node: refused, since that one cannot prove to be the one that was asked for', async () => {
    relay.tricks = { lead: () => c.mesh.id };
    await expectUnreachable(b, a);
    expect(c.arrived).toEqual([]);
    expectNobodyFooled();
  });

  test('back to the dialer itself', async () => {
    relay.tricks = { lead: (from) => from };
    await expectUnreachable(b, a);
    expectNobodyFooled();
  });

  test('two victims who dial each other are each led to a third', async () => {
    relay.tricks = { lead: () => c.mesh.id };
    await Promise.all([expectUnreachable(a, b), expectUnreachable(b, a)]);
    expect(c.arrived).toEqual([]);
  });

  test('nowhere', async () => {
    relay.tricks = { lead: () => undefined };
    await expectUnreachable(b, a);
  });
});

test('[M1] it tells the called node that somebody else dials: refused, since the dialer proves who it is', async () => {
  relay.tricks = { name: () => c.mesh.id };
  await expectUnreachable(b, a);
  expect(a.arrived).toEqual([]);
});

describe('[M1] it answers for somebody else', () => {
  test.each<[string, (socket: import('node:net').Socket) => void]>([
    ['with nothing', () => {}],
    ['with what was said to it', (socket) => void socket.pipe(socket)],
    ['with garbage', (socket) => void socket.write(Buffer.from(new Random(5).bytes(5_000)))],
    [
      'with a handshake of garbage',
      (socket) => {
        // multistream and Noise agree; what follows proves nothing.
        const said = (text: string) =>
          Buffer.concat([Buffer.from([text.length + 1]), Buffer.from(`${text}\n`)]);
        socket.write(Buffer.concat([said('/multistream/1.0.0'), said('/noise')]));
        const payload = Buffer.from(new Random(6).bytes(200));
        socket.write(Buffer.concat([Buffer.from([0, payload.length]), payload]));
      },
    ],
  ])('%s', async (_, answer) => {
    relay.tricks = { answer };
    await expectUnreachable(b, a);
  });
});

test.each<[string, Uint8Array]>([
  ['what is no frame', Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
  ['a text', Uint8Array.of(0x81, 1, 0x61)],
  ['a frame that is too large', Uint8Array.of(0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0)],
  ['a close', Uint8Array.of(0x88, 0)],
])(
  '[R2] [C5] it says %s right behind its yes to a WebSocket: the dial is lost, not the node',
  async (_, bytes) => {
    relay.tricks = { behindYes: bytes };
    await expectUnreachable(b, a);
    expect(b.mesh.relays()[0]?.state).toBe('registered');
  },
);

test('[R2] [C5] it names friends who do not come: through another relay they come all the same', async () => {
  const other = await RelaySite.start();
  try {
    const relays = [other.url, relay.url];
    const called = await meshes.node({ relays });
    const friend = await meshes.node({ relays: [other.url] });
    await until('registered', () => called.mesh.relays().every(({ state }) => state === 'registered'));
    await until('registered', () => friend.mesh.relays()[0]?.state === 'registered');
    relay.call(called.mesh.id, 64, () => friend.mesh.id);
    await until('it came for them', () => relay.waiting > 0);
    const client = await friend.open({ peer: called.mesh.id, addrs: [], relays: [other.url] }, 5_000);
    await client.echo(Buffer.from('hello'));
  } finally {
    await other.end();
  }
});

test('[R2] [C2] it asks and reads no answer: the node gives it up, and keeps no answers for it', async () => {
  await relay.pester(b.mesh.id);
  await until('it is registered anew', () => b.mesh.relays()[0]?.state === 'registered', 20_000);
});

describe('[M1] it spoils what passes', () => {
  /** Sends numbered messages through a relay that does this to them; every one that arrives is right, and in its place. */
  async function under(spoil: NonNullable<HostileRelay['tricks']['spoil']>) {
    const client = await b.open(a.at());
    await client.echo(Buffer.from('before'));
    const arrived = a.arrived[0];
    if (arrived === undefined) throw new Error('no pipe');
    const got: Buffer[] = [];
    arrived.end.onMessage = (bytes) => void got.push(Buffer.from(bytes));
    relay.tricks = { spoil };
    const random = new Random(7);
    const sent: Buffer[] = [];
    for (let i = 0; i < 200 && !client.over; i++) {
      // All of them fit into the muxer's window: none waits for a word from the far end.
      const message = Buffer.from(random.bytes(random.int(1, 1_000)));
      sent.push(message);
      client.pipe.send(message);
      if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return { client, arrived, sent, got };
  }

  const wholePrefix = (got: Buffer[], sent: Buffer[]) => got.every((message, i) => sent[i]?.equals(message));

  test.each<[string, NonNullable<HostileRelay['tricks']['spoil']>]>([
    [
      'flips a bit',
      (chunk, _, n) => {
        if (n === 3) chunk[chunk.length >> 1] = (chunk[chunk.length >> 1] ?? 0) ^ 0x10;
        return [chunk];
      },
    ],
    ['sends a chunk twice', (chunk, _, n) => (n === 3 ? [chunk, chunk] : [chunk])],
    [
      'sends old bytes again later',
      (() => {
        let old: Buffer | undefined;
        return (chunk: Buffer, direction: string, n: number) => {
          if (direction === 'there' && n === 1) old = Buffer.from(chunk);
          return direction === 'there' && n === 5 && old !== undefined ? [old, chunk] : [chunk];
        };
      })(),
    ],
    ['leaves a chunk out', (chunk, _, n) => (n === 3 ? [] : [chunk])],
    ['cuts a byte off', (chunk, _, n) => (n === 3 ? [chunk.subarray(1)] : [chunk])],
    ['puts a byte in', (chunk, _, n) => (n === 3 ? [Buffer.from([0]), chunk] : [chunk])],
    [
      'swaps two chunks',
      (() => {
        let kept: Buffer | undefined;
        return (chunk: Buffer, direction: string, n: number) => {
          if (direction !== 'there' || n < 2 || n > 3) return [chunk];
          if (n === 2) {
            kept = chunk;
            return [];
          }
          return [chunk, kept as Buffer];
        };
      })(),
    ],
  ])('%s: what arrives is right, and the pipe ends with an error', async (_, spoil) => {
    const { client, arrived, sent, got } = await under(spoil);
    await client.until(() => client.over, 11_000);
    await arrived.end.until(() => arrived.end.over, 11_000);
    expect(wholePrefix(got, sent)).toBe(true);
    expect(got.length).toBeLessThan(sent.length);
    expect(client.error).toMatchObject({ code: 'peer_lost' });
  });

  test('holds back, and then lets go: it merely delays', async () => {
    const held: { chunk: Buffer; direction: string }[] = [];
    let holding = true;
    const { client, sent, got } = await under((chunk, direction) => {
      if (!holding)
        return [
          ...held
            .splice(0)
            .filter((h) => h.direction === direction)
            .map((h) => h.chunk),
          chunk,
        ];
      held.push({ chunk, direction });
      return [];
    });
    await until('the relay holds something', () => held.length > 0, 8_000);
    expect(got.length).toBeLessThan(sent.length);
    // What it held comes with the next bytes. Each direction's own, in order.
    holding = false;
    const mine = held.splice(0);
    const before = relay.tricks.spoil;
    relay.tricks = {
      spoil: (chunk, direction, n) => {
        const old = mine.filter((h) => h.direction === direction).map((h) => h.chunk);
        for (const h of [...mine]) if (h.direction === direction) mine.splice(mine.indexOf(h), 1);
        return [...old, ...(before?.(chunk, direction as 'there', n) ?? [])];
      },
    };
    const last = Buffer.from('the next bytes');
    sent.push(last);
    client.pipe.send(last);
    await until('all has arrived', () => got.length === sent.length, 8_000);
    expect(wholePrefix(got, sent)).toBe(true);
    expect(client.over).toBe(false);
  });
});

describe('[R1] it is not the relay it says it is', () => {
  test('a relay that cannot sign for its name is refused', async () => {
    relay.tricks = { forge: true };
    const d = await meshes.node({ relays: [relay.url] });
    await until('refused', () => d.mesh.relays()[0]?.state === 'refused');
    expect(d.mesh.relays()[0]?.error).toContain('did not prove');
  });

  test('another relay at the address of one that is pinned is refused', async () => {
    const pinned = `${relay.plain}/#${a.mesh.id}`;
    const d = await meshes.node({ relays: [pinned] });
    await until('refused', () => d.mesh.relays()[0]?.state === 'refused');
    expect(d.mesh.relays()[0]?.error).toContain('another relay than before');
  });

  test('one that was seen at an address without pin is pinned from then on, by a later start as well', async () => {
    const home = meshes.home();
    const first = await meshes.node({ home, relays: [relay.plain] });
    await until('registered', () => first.mesh.relays()[0]?.state === 'registered');
    expect(first.mesh.addresses().relays).toEqual([relay.url]);
    await first.mesh.stop();
    const impostor = await HostileRelay.start();
    try {
      // The same address, another relay: the first one's pin is put under the second's URL, as if it had moved there.
      const { readFileSync, writeFileSync } = await import('node:fs');
      const file = `${home}/identity/relays.json`;
      writeFileSync(file, readFileSync(file, 'utf8').replace(relay.plain, impostor.plain));
      const again = await meshes.node({ home, relays: [impostor.plain] });
      await until('refused', () => again.mesh.relays()[0]?.state === 'refused');
      expect(again.mesh.relays()[0]?.error).toContain('another relay than before');
    } finally {
      await impostor.end();
    }
  });
});
