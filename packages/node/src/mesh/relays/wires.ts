/** The two kinds of wire to a relay's splice: the bare socket of an HTTP Upgrade, and a WebSocket where only that gets through. */
import type { Duplex } from 'node:stream';
import { SPLICE_HIGH_WATER, SPLICE_MESSAGE } from '@skein/protocol/relay/limits';
import type { WebSocket } from 'ws';

interface WireEvents {
  data(chunk: Uint8Array): void;
  /** There is room after a write that returned false. */
  drain(): void;
  /** Once, the last. */
  closed(error?: Error): void;
}

export interface Wire {
  /** Attached once, at once. */
  listen(events: WireEvents): void;
  /** Takes all of them; false when the next should wait for `drain`. */
  write(chunks: Iterable<Uint8Array>): boolean;
  pause(): void;
  resume(): void;
  /** Sends what waits, then closes. */
  finish(): void;
  destroy(): void;
}

/** A socket as node:http hands it over, with what arrived behind the answer. */
export function rawWire(socket: Duplex & { destroySoon(): void }, head: Uint8Array): Wire {
  return {
    listen: ({ data, drain, closed }) => {
      let failure: Error | undefined;
      socket.on('error', (error) => {
        failure = error;
      });
      socket.on('drain', drain);
      // No half-close here: who ends one direction ends the connection.
      socket.on('end', () => socket.destroySoon());
      socket.on('close', () => closed(failure));
      socket.on('data', data);
      if (head.length > 0) socket.unshift(head);
      if (socket.destroyed) queueMicrotask(() => closed());
    },
    write: (chunks) => {
      // One system call for all of them.
      socket.cork();
      for (const chunk of chunks) socket.write(chunk);
      socket.uncork();
      return !socket.writableNeedDrain;
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    finish: () => socket.destroySoon(),
    destroy: () => socket.destroy(),
  };
}

export function webSocketWire(ws: WebSocket): Wire {
  let full = false;
  // What came right behind the answer waits for whoever listens.
  ws.pause();
  let told: WireEvents | undefined;
  const written = () => {
    if (!full || ws.bufferedAmount >= SPLICE_HIGH_WATER) return;
    full = false;
    told?.drain();
  };
  return {
    listen: (events) => {
      told = events;
      let failure: Error | undefined;
      ws.on('message', (data: Uint8Array, binary: boolean) => {
        if (binary) events.data(data);
        else ws.terminate();
      });
      ws.on('error', (error) => {
        failure = error;
      });
      ws.on('close', () => events.closed(failure));
      if (ws.readyState !== ws.OPEN) queueMicrotask(() => events.closed());
      ws.resume();
    },
    write: (chunks) => {
      if (ws.readyState !== ws.OPEN) return true;
      // One message rather than one a chunk, and none larger than the relay takes.
      const all = Buffer.concat([...chunks]);
      for (let at = 0; at < all.length; at += SPLICE_MESSAGE)
        ws.send(all.subarray(at, at + SPLICE_MESSAGE), { binary: true }, written);
      full = ws.bufferedAmount >= SPLICE_HIGH_WATER;
      return !full;
    },
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    finish: () => {
      ws.resume();
      ws.close(1000);
    },
    destroy: () => ws.terminate(),
  };
}
