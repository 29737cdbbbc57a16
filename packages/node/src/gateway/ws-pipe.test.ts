/** A WebSocket as a pipe: how far its other end has got is known while it reads (rules C2, C4). */
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Pipe } from './pipe.ts';
import { wsPipe } from './ws-pipe.ts';

let home: string;
let server: http.Server;
let pipe: Promise<Pipe>;

beforeEach(async () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'sk-pipe-'));
  server = http.createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  pipe = new Promise((resolve) => {
    sockets.on('connection', (socket) =>
      wsPipe(socket, (made) => {
        resolve(made);
        return { message: () => {}, closed: () => {} };
      }),
    );
  });
  server.listen(path.join(home, 's'));
  await once(server, 'listening');
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
  fs.rmSync(home, { recursive: true });
});

/** A reader that stops by itself after so many messages. */
function reader(most: number) {
  const ws = new WebSocket(`ws+unix:${path.join(home, 's')}:/`, { perMessageDeflate: false });
  const got: number[] = [];
  ws.on('message', (data: Uint8Array) => {
    got.push(data[0] ?? -1);
    if (got.length === most) ws.pause();
  });
  return { ws, got };
}

test('[C4] what is taken of much is told as it is taken, not when all of it is', async () => {
  const { ws, got } = reader(20);
  const end = await pipe;
  let sent = 0;
  const halfway = new Promise<void>((resolve) => {
    for (let i = 0; i < 40; i++)
      end.send(new Uint8Array(100_000).fill(i), () => {
        if (++sent === 15) resolve();
      });
  });
  expect(end.buffered).toBeGreaterThan(3_000_000);
  await halfway;
  expect(end.buffered).toBeLessThan(3_000_000);
  expect(got.length).toBeLessThanOrEqual(20);
  ws.terminate();
});

test('[C1] a pipe that is closed sends what was sent before, in its order', async () => {
  const { ws, got } = reader(Number.POSITIVE_INFINITY);
  const end = await pipe;
  for (let i = 0; i < 40; i++) end.send(new Uint8Array(100_000).fill(i));
  end.close('enough');
  const [code, reason] = (await once(ws, 'close')) as [number, Buffer];
  expect([code, reason.toString()]).toEqual([1002, 'enough']);
  expect(got).toEqual(Array.from({ length: 40 }, (_, i) => i));
});
