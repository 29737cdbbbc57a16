/** The ends of a splice, given more and smaller pieces than anybody means well with (rules C2, C5, R3). */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { RawEnd, type RawSocket, WsEnd } from './ends.ts';

/** A socket whose far side takes nothing until it is told to. */
class Stuck extends Duplex {
  #waiting: (() => void)[] = [];

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: unknown, taken: () => void): void {
    this.#waiting.push(taken);
  }

  goOn(): void {
    for (const taken of this.#waiting.splice(0)) taken();
  }

  destroySoon(): void {
    this.destroy();
  }
}

test('[C2] a reader that takes nothing holds its sender back after few pieces, however small, and lets it go on', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 64 }), async (size) => {
      const socket = new Stuck();
      const end = new RawEnd(socket satisfies RawSocket);
      let room = 0;
      end.events = { data() {}, drain: () => room++, ended() {}, closed() {} };
      let given = 1;
      while (end.write(Buffer.alloc(size))) given++;
      expect(given).toBeLessThanOrEqual(256);
      expect(room).toBe(0);
      while (room === 0) {
        socket.goOn();
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(end.write(Buffer.alloc(size))).toBe(true);
      socket.destroy();
    }),
    { numRuns: 20 },
  );
});

/** Both sides of a WebSocket: the relay's as an end, the other's bare socket. */
async function webSocketEnd() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const doors = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const accepted = new Promise<WsEnd>((resolve) => {
    server.on('upgrade', (request, socket, head) =>
      doors.handleUpgrade(request, socket, head, (ws) => resolve(new WsEnd(ws, socket))),
    );
  });
  const { port } = server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
  const [upgraded] = (await once(client, 'upgrade')) as [{ socket: Socket }];
  const end = await accepted;
  return {
    end,
    bare: upgraded.socket,
    stop: () => {
      client.terminate();
      end.destroy();
      server.close();
    },
  };
}

/** A binary message as a client sends it, masked with zeros. */
function message(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(0x82, 0x80 | bytes.length, 0, 0, 0, 0), bytes]);
}

test('[R3] ten thousand messages that come at once go on in few pieces, and empty ones not at all', async () => {
  const { end, bare, stop } = await webSocketEnd();
  const pieces: Buffer[] = [];
  const all = new Promise<void>((resolve) => {
    let size = 0;
    end.events = {
      data: (chunk) => {
        pieces.push(chunk);
        size += chunk.length;
        if (size === 10_000) resolve();
      },
      drain() {},
      ended() {},
      closed() {},
    };
  });
  const bytes = Array.from({ length: 10_000 }, (_, n) => Uint8Array.of(n & 0xff));
  bare.write(Buffer.concat(bytes.flatMap((one) => [message(new Uint8Array(0)), message(one)])));
  await all;
  expect(pieces.length).toBeLessThan(100);
  expect(pieces.every((piece) => piece.length > 0)).toBe(true);
  expect(Buffer.concat(pieces)).toEqual(Buffer.concat(bytes));
  stop();
});
