/** Peers that send malformed frames, each on a connection of its own, and see what comes back. */

import { connect } from 'node:net';
import { nodeSocket } from '@skein/node/home';
import type { Client } from '@skein/protocol/client/client';
import { wireError } from '@skein/protocol/client/lane';
import { pack, unpack } from '@skein/protocol/codec';
import { ERROR_CODES } from '@skein/protocol/errors';
import { FrameReader, frame, HOST_VERSIONS, HostFrame } from '@skein/protocol/host/frames';
import { MAX_FRAME } from '@skein/protocol/limits';
import { within } from '../support/processes.ts';
import type { Random } from '../support/random.ts';
import { RawChannel } from '../support/raw-channel.ts';
import { malformedMessage, malformedPiece, malformedViewerPiece } from './malformed.ts';

/** Milliseconds for a connection to be answered or closed. */
const ANSWER_MS = 5_000;

/** Says what is wrong with an error as it came: it must be typed, and no accident. */
function judge(where: string, error: { code: string; message: string } | undefined): string[] {
  if (error === undefined) return [`${where}: it was closed without a word`];
  if (!(error.code in ERROR_CODES)) return [`${where}: the code ${error.code} is unknown`];
  return error.code === 'internal' ? [`${where}: an accident: ${wireError(error as never).message}`] : [];
}

/** A malformed message to the node: it is refused and closed, or, where it happens to be sound, the channel goes on. */
export async function badMessage(home: string, random: Random): Promise<string[]> {
  const greeted = random.chance(0.6);
  const channel = await RawChannel.open(home, greeted);
  const sent = malformedMessage(random);
  const where = `${greeted ? 'after' : 'before'} hello, ${describe(sent)}`;
  channel.socket.send(sent);
  // What the channel answers to this tells that it has dealt with what came before.
  if (greeted) channel.send({ t: 'ping', n: 7 });
  else channel.send({ t: 'hello', versions: [1], client: { name: 'x', version: '0' } });
  try {
    const dealtWith = (t: string) => t === 'refused' || t === (greeted ? 'pong' : 'welcome');
    const frame = await channel.wait(where, ({ t }) => dealtWith(t), ANSWER_MS);
    const told = channel.frames.find(({ t }) => t === 'refused') ?? frame;
    if (told.t === 'refused') {
      await within(ANSWER_MS, `closing: ${where}`, channel.closed);
      return judge(where, told.error as never);
    }
    return channel.frames.flatMap((f) =>
      'error' in f && f.error !== undefined ? judge(where, f.error as never) : [],
    );
  } catch (error) {
    return [(error as Error).message];
  } finally {
    channel.close();
  }
}

/** Bytes that are no WebSocket, and WebSocket frames of 4 GB and more, to the node's socket: closed, with a word or without. */
export async function badBytes(home: string, random: Random): Promise<string[]> {
  const key = Buffer.from(random.bytes(16)).toString('base64');
  const upgrade = `GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`;
  const huge = Buffer.from([0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4]);
  const tooLarge = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 1, 1, 2, 3, 4]);
  const pieces = [
    Buffer.concat([Buffer.from(upgrade), random.pick([huge, tooLarge])]),
    Buffer.concat([Buffer.from(upgrade), random.bytes(random.int(10, 200)), Buffer.from([0xff, 0xff])]),
    Buffer.from(`GET / HTTP/1.1\r\nx: ${'y'.repeat(100_000)}`),
    Buffer.concat([random.bytes(random.int(1, 500)), Buffer.from('\r\n\r\n')]),
  ];
  return closedAfter(nodeSocket(home), random.pick(pieces));
}

/** Sends bytes and waits until the other side closes; a sender that ends its half is closed too. */
async function closedAfter(path: string, bytes: Uint8Array): Promise<string[]> {
  const socket = connect(path);
  socket.on('error', () => {});
  socket.resume();
  socket.end(bytes);
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  try {
    await within(ANSWER_MS, `closing after ${describe(bytes)}`, closed);
    return [];
  } catch (error) {
    return [(error as Error).message];
  } finally {
    socket.destroy();
  }
}

/** A malformed piece to a host, as a stranger or as a viewer that was let in. */
export async function badPiece(client: Client, ref: string, random: Random): Promise<string[]> {
  const right = await client.ask('right', { ref, role: random.pick(['read', 'write']) });
  if (!('token' in right)) return ['the session has ended'];
  const viewer = random.chance(0.5);
  const socket = connect(right.socket);
  const errors: { code: string; message: string }[] = [];
  const reader = new FrameReader();
  socket.on('error', () => {});
  socket.on('data', (chunk: Uint8Array) =>
    reader.push(chunk, (type, payload) => {
      if (type === HostFrame.ERROR) errors.push(unpack(payload) as never);
    }),
  );
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  const piece = viewer ? malformedViewerPiece(random) : malformedPiece(random);
  const where = `to the host as ${viewer ? 'a viewer' : 'a stranger'}, ${describe(piece)}`;
  if (viewer) {
    const hello = { versions: HOST_VERSIONS, token: right.token, view: 'bytes', from: 0, follow: true };
    socket.write(frame(HostFrame.HELLO, pack(hello)));
  }
  // What was cut short is closed by its sender's end, and whatever follows it is too large for a frame.
  socket.end(Buffer.concat([piece, new Uint8Array(8).fill(0xff)]));
  try {
    await within(ANSWER_MS, `closing: ${where}`, closed);
    return errors.flatMap((error) => judge(where, error));
  } catch (error) {
    return [(error as Error).message];
  } finally {
    socket.destroy();
  }
}

function describe(sent: Uint8Array | string): string {
  const bytes = Buffer.from(sent as string);
  return `${bytes.length} bytes ${bytes.subarray(0, 48).toString('hex')}${bytes.length > MAX_FRAME ? ', too long' : ''}`;
}
