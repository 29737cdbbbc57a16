/** A unix socket through node:net. */
import type { ByteEvents, ByteStream } from './byte-stream.ts';

export function openNetStream(path: string, events: ByteEvents): ByteStream {
  // Loaded only when it is needed: see quick-stream.ts.
  const socket = process.getBuiltinModule('node:net').connect(path);
  let failed: Error | undefined;
  socket.on('connect', () => events.opened());
  socket.on('data', (chunk: Uint8Array) => events.data(chunk));
  socket.on('error', (error) => {
    failed = error;
  });
  socket.on('close', () => events.closed(failed));
  return {
    write: (bytes) => {
      if (socket.writable) socket.write(bytes);
    },
    get pending() {
      return socket.writableLength;
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => socket.destroySoon(),
    destroy: (error) => socket.destroy(error),
  };
}
