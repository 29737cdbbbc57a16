/** The transport against the library that the node uses, on a unix socket, over both kinds of stream. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import net from 'node:net';
import { join } from 'node:path';
import type { Transport } from '@skein/protocol/client/transport';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type * as Ws from 'ws';
import type { OpenStream } from './byte-stream.ts';
import { openNetStream } from './net-stream.ts';
import { openQuickStream } from './quick-stream.ts';
import { webSocket } from './websocket.ts';

// The node's own: what it speaks is what counts.
const requireOfNode = createRequire(new URL('../../../node/package.json', import.meta.url));
const { WebSocketServer } = requireOfNode('ws') as typeof Ws;

const quick: OpenStream = (path, events) => {
  const stream = openQuickStream(path, events);
  if (stream === undefined) throw new Error('this Node has no handle of a pipe');
  return stream;
};

let dir: string;
let path: string;
let server: http.Server;
let sockets: Ws.WebSocketServer;
const cleanup: (() => void)[] = [];

beforeAll(async () => {
  dir = mkdtempSync('/tmp/skw-');
  path = join(dir, 's');
  server = http.createServer();
  sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data: Buffer) => {
      if (data.toString() === 'close') socket.close(1000);
      else if (data.toString() === 'ping') socket.ping(Buffer.from('are you there'));
      else socket.send(data);
    });
    socket.on('pong', (data: Buffer) => socket.send(Buffer.concat([Buffer.from('pong: '), data])));
  });
  server.listen(path);
  await once(server, 'listening');
});
afterEach(() => {
  for (const each of cleanup.splice(0)) each();
});
afterAll(() => {
  sockets.close();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Opened {
  transport: Transport;
  received: Buffer[];
  next(): Promise<Buffer>;
  closed: Promise<Error | undefined>;
}

async function open(stream: OpenStream, to = path): Promise<Opened> {
  const received: Buffer[] = [];
  let wake: () => void = () => {};
  let over: (error: Error | undefined) => void = () => {};
  const closed = new Promise<Error | undefined>((resolve) => {
    over = resolve;
  });
  const transport = await webSocket(
    to,
    '/',
    stream,
  )({
    message: (bytes) => {
      received.push(Buffer.from(bytes));
      wake();
    },
    closed: (error) => over(error),
  });
  cleanup.push(() => transport.close());
  const next = async () => {
    while (received.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return received.shift() as Buffer;
  };
  return { transport, received, next, closed };
}

/** A server that answers with these bytes, whatever it is told, and hangs up. */
async function answering(bytes: Uint8Array | string): Promise<string> {
  const to = join(dir, `a${Math.random().toString(36).slice(2)}`);
  const plain = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.end(bytes);
  });
  plain.listen(to);
  await once(plain, 'listening');
  cleanup.push(() => plain.close());
  return to;
}

describe.each([
  ['node:net', openNetStream],
  ['the handle', quick],
] as const)('WebSocket over %s', (_, stream) => {
  test('messages of any size arrive whole and in order, those sent with the handshake too', async () => {
    const { transport, next } = await open(stream);
    const sizes = fc.oneof(fc.nat(200), fc.constantFrom(125, 126, 65535, 65536), fc.nat(300_000));
    await fc.assert(
      fc.asyncProperty(fc.array(sizes, { minLength: 1, maxLength: 6 }), fc.nat(255), async (all, fill) => {
        for (const size of all) transport.send(Buffer.alloc(size, fill));
        for (const size of all) expect((await next()).equals(Buffer.alloc(size, fill))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('a ping is answered, a close returned', async () => {
    const { transport, next, closed } = await open(stream);
    transport.send(Buffer.from('ping'));
    expect(String(await next())).toBe('pong: are you there');
    transport.send(Buffer.from('close'));
    expect(await closed).toBeUndefined();
  });

  test('what is written before the end still arrives', async () => {
    const arrived = new Promise<number>((resolve) => {
      sockets.once('connection', (socket) => {
        let size = 0;
        socket.on('message', (data: Buffer) => {
          size += data.length;
        });
        socket.on('close', () => resolve(size));
      });
    });
    const { transport, closed } = await open(stream);
    for (let i = 0; i < 8; i++) transport.send(Buffer.alloc(256 * 1024));
    transport.close();
    expect(await arrived).toBe(8 * 256 * 1024);
    expect(await closed).toBeUndefined();
  });

  test('[C2] a paused transport gives nothing, and holds its sender back', async () => {
    const { transport, received, next } = await open(stream);
    transport.send(Buffer.from('first'));
    expect(String(await next())).toBe('first');
    transport.pause();
    transport.send(Buffer.from('second'));
    const other = await open(stream);
    other.transport.send(Buffer.from('meanwhile'));
    await other.next();
    expect(received).toEqual([]);
    transport.resume();
    expect(String(await next())).toBe('second');
  });

  test('nobody there is node_unreachable, with the reason', async () => {
    await expect(open(stream, join(dir, 'none'))).rejects.toMatchObject({
      code: 'node_unreachable',
      data: { cause: 'ENOENT' },
    });
    await expect(open(stream, `${dir}/${'x'.repeat(200)}`)).rejects.toMatchObject({
      code: 'node_unreachable',
    });
  });

  test('[C5] whoever is there and speaks otherwise is left with an error', async () => {
    const accept = 'HTTP/1.1 101 Switching Protocols\r\n\r\n';
    const wrong = {
      'another protocol': 'HTTP/1.1 200 OK\r\n\r\nhello',
      'no protocol': 'x'.repeat(9000),
      'a masked frame': Buffer.concat([Buffer.from(accept), Buffer.from([0x82, 0x81, 0, 0, 0, 0, 1])]),
      'a frame of 4 GB': Buffer.concat([
        Buffer.from(accept),
        Buffer.from([0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0]),
      ]),
    };
    for (const [what, bytes] of Object.entries(wrong)) {
      const { closed } = await open(stream, await answering(bytes));
      expect(await closed, what).toMatchObject({
        code: expect.stringMatching(/^(bad_frame|frame_too_large)$/),
      });
    }
  });

  test('an answer that breaks off anywhere closes, without a message', async () => {
    const whole = Buffer.concat([
      Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'),
      Buffer.from([0x82, 3, 1, 2, 3]),
    ]);
    for (let cut = 1; cut < whole.length; cut += 3) {
      const { closed, received } = await open(stream, await answering(whole.subarray(0, cut)));
      await closed;
      expect(received).toEqual([]);
    }
    const { received, closed } = await open(stream, await answering(whole));
    await closed;
    expect(received).toEqual([Buffer.from([1, 2, 3])]);
  });
});
