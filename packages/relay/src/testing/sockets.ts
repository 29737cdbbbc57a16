/** What tests ask of sockets and streams. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** All that comes until the far side ends; the socket may still write then. */
export function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    stream.once('end', () => resolve(Buffer.concat(chunks)));
    stream.once('error', reject);
    stream.once('close', () => reject(new Error('closed before its end')));
  });
}

/** The next chunk. */
export async function next(stream: Readable): Promise<string> {
  const [chunk] = await once(stream, 'data');
  return String(chunk);
}

/** Resolves when the far side has closed, or ended, after which this side closes too. */
export function closed(socket: Socket): Promise<void> {
  // What is not read would hide the end.
  socket.resume();
  socket.once('end', () => socket.destroy());
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });
}

/** A bare TCP connection to a relay, with all that it is ever sent. */
export function bare(port: number, bytes?: string | Uint8Array): { socket: Socket; answer: Promise<string> } {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  if (bytes !== undefined) socket.write(bytes);
  return { socket, answer: new Promise((resolve) => socket.once('close', () => resolve(text))) };
}

/** Resolves when something holds; looks often. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
