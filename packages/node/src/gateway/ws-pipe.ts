/** A WebSocket as a pipe. */
import type { WebSocket } from 'ws';
import type { Pipe, PipeEvents } from './pipe.ts';

/** Milliseconds that a peer has to answer a close. */
const CLOSE_MS = 1_000;

/** Bytes that the socket is given at a time: of what it writes at once it tells only when all has been taken. */
const AT_ONCE = 128 * 1024;

/** Status codes of a close: the node goes away; the other end broke the protocol. */
const GOING_AWAY = 1001;
const PROTOCOL_ERROR = 1002;

/** `begin` is given the pipe, and returns who is told of it. */
export function wsPipe(socket: WebSocket, begin: (pipe: Pipe) => PipeEvents): void {
  // A peer that does not answer the close is not waited for.
  const endSoon = () => void setTimeout(() => socket.terminate(), CLOSE_MS).unref();
  const waiting: { message: Uint8Array; sent: (() => void) | undefined }[] = [];
  let waitingBytes = 0;
  const give = (most: number) => {
    while (socket.readyState === socket.OPEN && socket.bufferedAmount < most) {
      const next = waiting.shift();
      if (next === undefined) return;
      waitingBytes -= next.message.length;
      socket.send(next.message, () => {
        give(AT_ONCE);
        next.sent?.();
      });
    }
  };
  const events = begin({
    get buffered() {
      return waitingBytes + socket.bufferedAmount;
    },
    send: (message, sent) => {
      if (socket.readyState !== socket.OPEN) return;
      waiting.push({ message, sent });
      waitingBytes += message.length;
      give(AT_ONCE);
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: (reason) => {
      give(Number.POSITIVE_INFINITY);
      socket.close(reason === undefined ? GOING_AWAY : PROTOCOL_ERROR, reason);
      endSoon();
    },
    terminate: () => socket.terminate(),
  });
  // Frames are binary: a text is answered as what it is, no frame.
  socket.on('message', (data: Uint8Array, binary: boolean) =>
    events.message(binary ? data : new Uint8Array(0)),
  );
  // ws has begun to close by then, with 1009 for a frame past the limit, refused before it takes memory (C5).
  socket.on('error', endSoon);
  socket.on('close', () => events.closed());
}
