/**
 * A libp2p stream as a link takes it (rule C2): js-libp2p's own ways to wait for room answer too soon, so room is judged
 * here by what is really waiting. A tunnel's window, not the stream's, holds its sender back; the stream is paused only while
 * more frames have come than it is their turn.
 */
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface';
import { SkeinError } from '@skein/protocol/errors';
import { STREAM_WAITING } from '../tunnels/limits.ts';
import type { ByteStream } from '../tunnels/tunnels.ts';
import { afterConsent } from './lazy-stream.ts';

/** Milliseconds that a far end may take to read the last words of a stream. */
const END_MS = 2_000;

/** `consent` is what the far end must say first, where this end opened the stream. */
export function peerStream(stream: Stream, consent: Uint8Array = new Uint8Array(0)): ByteStream {
  const open = () => stream.status === 'open' && stream.writeStatus === 'writable';
  const writable = () => open() && !stream.writableNeedsDrain && stream.writeBufferLength < STREAM_WAITING;
  const close = () => {
    stream.close({ signal: AbortSignal.timeout(END_MS) }).catch((error) => stream.abort(error));
  };
  let paused = false;
  return {
    writable,
    send: (bytes) => {
      if (!open()) return;
      try {
        stream.send(bytes);
      } catch (error) {
        // The connection below has closed, and the stream does not know it yet.
        stream.abort(SkeinError.from(error));
      }
    },
    end: close,
    // Once the stream has handled what it is just giving: going on, it answers the far end even if it was paused meanwhile.
    pause: () => {
      paused = true;
      queueMicrotask(() => {
        if (paused && stream.readStatus === 'readable') stream.pause();
      });
    },
    resume: () => {
      paused = false;
      if (stream.readStatus !== 'paused') return;
      try {
        stream.resume();
      } catch (error) {
        // The connection below has closed; what was there has been given all the same.
        stream.abort(SkeinError.from(error));
      }
    },
    abort: (error) => stream.abort(error),
    listen: ({ data, drained, closed }) => {
      let ended = false;
      const end = (error?: Error) => {
        if (ended) return;
        ended = true;
        closed(error);
      };
      // The stream goes on with what waits in it after its own listeners were told; look only then.
      const later = () =>
        queueMicrotask(() =>
          queueMicrotask(() => {
            if (!ended && writable()) drained();
          }),
        );
      const take = afterConsent(consent, data);
      stream.addEventListener('message', (event: StreamMessageEvent) => {
        const chunk = event.data;
        try {
          if (chunk instanceof Uint8Array) take(chunk);
          else for (const part of chunk) take(part);
        } catch (error) {
          stream.abort(SkeinError.from(error));
        }
      });
      stream.addEventListener('drain', later);
      stream.addEventListener('idle', later);
      stream.addEventListener('remoteCloseWrite', () => {
        end();
        close();
      });
      stream.addEventListener('close', (event: StreamCloseEvent) => end(event.error));
      if (stream.status !== 'open' || stream.remoteWriteStatus === 'closed') queueMicrotask(() => end());
    },
  };
}
