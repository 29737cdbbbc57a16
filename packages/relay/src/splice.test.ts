/** Splices with real sockets: every byte arrives, once, in order, no faster than it is taken (rules R1, R3, C2). */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type WebSocket from 'ws';
import { createWebSocketStream } from 'ws';
import type { TestClient } from './testing/client.ts';
import { Scene } from './testing/scene.ts';
import { closed, eventually, next, readAll } from './testing/sockets.ts';

let scene: Scene;
afterEach(() => scene.end());

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const MIB = 2 ** 20;

/** Writes in pieces of these sizes, again and again, waiting as a sender should. */
async function send(socket: Socket, bytes: Buffer, sizes: readonly number[]): Promise<void> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const piece = bytes.subarray(at, at + (sizes[i % sizes.length] as number));
    at += piece.length;
    if (!socket.write(piece)) await once(socket, 'drain');
  }
  socket.end();
}

describe('a raw splice', () => {
  test('[R1] carries large transfers both ways at once, whole', async () => {
    scene = await Scene.open();
    const [a, b] = [await scene.join(), await scene.join()];
    const size = fc.integer({ min: 1, max: 200_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(size, { minLength: 1, maxLength: 8 }),
        fc.nat(4 * MIB),
        async (sizes, length) => {
          const [near, far] = await scene.splice(a, b);
          const [there, back] = [randomBytes(length + 1), randomBytes(4 * MIB - length)];
          const sent = Promise.all([send(near, there, sizes), send(far, back, [...sizes].reverse())]);
          const [gotBack, gotThere] = await Promise.all([readAll(near), readAll(far)]);
          await sent;
          expect(sha(gotThere)).toBe(sha(there));
          expect(sha(gotBack)).toBe(sha(back));
        },
      ),
      { numRuns: 12 },
    );
    await eventually(async () => (await scene.metric('skein_relay_splices')) === 0);
  });

  test('[R1] goes on one way when the other is over', async () => {
    scene = await Scene.open();
    const [near, far] = await scene.splice(await scene.join(), await scene.join());
    near.end('question');
    expect(String(await readAll(far))).toBe('question');
    far.end('answer');
    expect(String(await readAll(near))).toBe('answer');
  });

  test('[R1] ends at one end when the other is cut', async () => {
    scene = await Scene.open();
    const [near, far] = await scene.splice(await scene.join(), await scene.join());
    near.resetAndDestroy();
    far.resume();
    await once(far, 'end');
    far.end();
    await eventually(async () => (await scene.metric('skein_relay_splices')) === 0);
  });

  test('[C2] holds its sender back behind a reader that does not read, and loses nothing', async () => {
    scene = await Scene.open();
    const [near, far] = await scene.splice(await scene.join(), await scene.join());
    const bytes = randomBytes(32 * MIB);
    const sent = send(near, bytes, [65_536]);
    const taken = () => scene.metric('skein_relay_spliced_bytes_total');
    let before = -1;
    await eventually(async () => {
      const now = (await taken()) ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 100));
      const still = now === before && now > 0;
      before = now;
      return still;
    });
    // What the kernel keeps for two loopback sockets, and 64 KiB of the relay's.
    expect(before).toBeLessThan(16 * MIB);
    const got = await readAll(far);
    await sent;
    expect(sha(got)).toBe(sha(bytes));
  });

  test('[R3] on which nothing passes is cut, and one that is used is not', async () => {
    scene = await Scene.open({ quotas: { idleMs: 1_500 } });
    const [a, b] = [await scene.join(), await scene.join()];
    const [idle] = await scene.splice(a, b);
    const [used, far] = await scene.splice(a, b);
    const beat = setInterval(() => used.write('.'), 200);
    far.resume();
    await closed(idle);
    expect(used.destroyed || far.destroyed).toBe(false);
    clearInterval(beat);
    await closed(far);
    expect(await scene.metric('skein_relay_splices_total{reason="idle"}')).toBe(2);
  });
});

describe('a WebSocket end', () => {
  /** Two ends of the wanted kinds, as streams. */
  async function ends(a: TestClient, b: TestClient, kinds: string) {
    const token = await a.dial(b.id);
    const incoming = await b.inbox.take('incoming');
    const open = (client: TestClient, kind: string, mine: Uint8Array): Promise<Socket | WebSocket> =>
      kind === 'w' ? client.openWs(mine) : client.open(mine);
    const [near, far] = await Promise.all([
      open(a, kinds[0] as string, token),
      open(b, kinds[1] as string, incoming.token),
    ]);
    return [streamOf(near), streamOf(far)] as const;
  }
  const streamOf = (end: Socket | WebSocket) =>
    'readyState' in end && 'ping' in end ? createWebSocketStream(end as WebSocket) : (end as Socket);

  for (const kinds of ['wr', 'rw', 'ww'])
    test(`[R1] joins the other kind and its own: ${kinds}`, async () => {
      scene = await Scene.open();
      const [near, far] = await ends(await scene.join(), await scene.join(), kinds);
      const bytes = randomBytes(3 * MIB + 17);
      // A WebSocket has no half-close: the answer comes before either end is over.
      const got: Buffer[] = [];
      let size = 0;
      const all = new Promise<void>((resolve) => {
        far.on('data', (chunk: Buffer) => {
          got.push(chunk);
          size += chunk.length;
          if (size === bytes.length) resolve();
        });
      });
      for (let at = 0; at < bytes.length; at += 50_000)
        if (!near.write(bytes.subarray(at, at + 50_000))) await once(near, 'drain');
      await all;
      expect(sha(Buffer.concat(got))).toBe(sha(bytes));
      const answer = next(near);
      far.write('thank you');
      expect(await answer).toBe('thank you');
      near.end();
      await once(far, 'end');
      far.end();
      await Promise.all([finished(near), finished(far)].map((end) => end.catch(() => {})));
      await eventually(async () => (await scene.metric('skein_relay_splices')) === 0);
    });

  test('[C5] that sends a message past the limit, or text, is closed with its other end', async () => {
    scene = await Scene.open();
    const [a, b] = [await scene.join(), await scene.join()];
    for (const message of [Buffer.alloc(65_537), 'text']) {
      const token = await a.dial(b.id);
      const incoming = await b.inbox.take('incoming');
      const [near, far] = await Promise.all([a.openWs(token), b.open(incoming.token)]);
      near.on('error', () => {});
      near.send(message);
      far.resume();
      await once(far, 'end');
      far.destroy();
    }
  });
});

describe('bytes a second', () => {
  test('[R3] of one peer are held to what it may, and nothing is lost', async () => {
    scene = await Scene.open({ quotas: { ratePerPeer: 2_000_000 } });
    const [near, far] = await scene.splice(await scene.join(), await scene.join());
    const bytes = randomBytes(4_000_000);
    const began = performance.now();
    const sent = send(near, bytes, [65_536]);
    const got = await readAll(far);
    await sent;
    expect(sha(got)).toBe(sha(bytes));
    // A second's worth may pass at once.
    expect(performance.now() - began).toBeGreaterThan(700);
  });
});
