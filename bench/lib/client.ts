/** A client that is already running: the product's own, on the node's socket, and a viewer on a host's. */
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Client } from '@skein/protocol/client/client';
import type { Transport, TransportEvents } from '@skein/protocol/client/transport';
import { pack } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import { FrameReader, frame, HOST_VERSIONS, HostFrame } from '@skein/protocol/host/frames';
import { WebSocket } from 'ws';

/** Milliseconds for a screen to be painted before the measurement counts as broken. */
const PATIENCE_MS = 10_000;

export function connectClient(home: string): Promise<Client> {
  const socket = nodeSocket(home);
  return Client.connect({ connect: (events) => overUnixSocket(socket, events), name: 'bench', version: '0' });
}

/** The node's socket; those of hosts stand beside it. */
function nodeSocket(home: string): string {
  const entries = readdirSync(home, { recursive: true, withFileTypes: true });
  const found = entries.find((entry) => entry.isSocket() && !entry.name.startsWith('h-'));
  if (found === undefined) throw new Error(`there is no node's socket below ${home}`);
  return join(found.parentPath, found.name);
}

function overUnixSocket(socket: string, events: TransportEvents): Promise<Transport> {
  const ws = new WebSocket(`ws+unix:${socket}:/`, { perMessageDeflate: false });
  ws.binaryType = 'nodebuffer';
  ws.on('message', (data) => events.message(data as Buffer));
  ws.on('close', () => events.closed());
  const transport: Transport = {
    send: (message) => ws.send(message),
    get buffered() {
      return ws.bufferedAmount;
    },
    close: () => ws.terminate(),
    pause: () => ws.pause(),
    resume: () => ws.resume(),
  };
  return new Promise((resolve, reject) => {
    ws.on('open', () => resolve(transport));
    ws.on('error', (error) => reject(new SkeinError('node_unreachable', error.message)));
  });
}

/** Asks for a right, takes it to the host, and resolves once the present screen has arrived. */
export async function paintScreen(client: Client, ref: string): Promise<void> {
  const right = await client.ask('right', { ref, role: 'read' });
  if (!('token' in right)) throw new Error('the session has ended');
  const socket = connect(right.socket);
  const reader = new FrameReader();
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no screen came')), PATIENCE_MS);
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        reader.push(chunk, (type, payload) => {
          if (type === HostFrame.ERROR) reject(new Error(Buffer.from(payload).toString('latin1')));
          if (type !== HostFrame.SCREEN) return;
          clearTimeout(timer);
          resolve();
        });
      });
      const hello = { versions: HOST_VERSIONS, token: right.token, view: 'screen', cols: 80, rows: 24 };
      socket.write(frame(HostFrame.HELLO, pack(hello)));
    });
  } finally {
    socket.destroy();
  }
}
