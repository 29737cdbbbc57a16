/**
 * A channel of this machine's user carried on to another node (rules M4, C2): messages pass unread, so that the two ends
 * agree on versions, lanes and credits with each other, and this node keeps only what is under way.
 */
import { CHANNEL_VERSIONS } from '@skein/protocol/channel/frames';
import { pack } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import { PING_MS } from '@skein/protocol/limits';
import type { Pipe, PipeEvents } from '../gateway/pipe.ts';

/** Bytes that may wait for one side before the other is no longer read. */
const WAITING_MAX = 1024 * 1024;

/** Opens the pipe to the other node. */
type OpenFar = (events: PipeEvents, signal: AbortSignal) => Promise<Pipe>;

/** Serves a local pipe by a far one. What cannot be opened is refused as a channel is, with the reason. */
export function bridge(near: Pipe, openFar: OpenFar): PipeEvents {
  const left = new AbortController();
  /** What the client said before there was somebody to say it to; it is not read any further meanwhile. */
  const early: Uint8Array[] = [];
  let far: Pipe | undefined;
  let over = false;
  // A client gives up whoever is silent; it is this node that looks for the other meanwhile.
  const alive = setInterval(() => near.send(pack({ t: 'ping', n: 0 })), PING_MS);
  const end = (error?: Error) => {
    clearInterval(alive);
    if (over) return;
    over = true;
    if (error === undefined) return near.close();
    const body = SkeinError.from(error).toBody();
    near.send(pack({ t: 'refused', error: body, versions: CHANNEL_VERSIONS }));
    near.close(body.code);
  };
  const toNear = (bytes: Uint8Array) => {
    near.send(bytes, () => {
      if (near.buffered < WAITING_MAX) far?.resume();
    });
    if (near.buffered > WAITING_MAX) far?.pause();
  };
  const toFar = (bytes: Uint8Array) => {
    far?.send(bytes);
    if ((far?.buffered ?? 0) > WAITING_MAX) near.pause();
  };
  openFar({ message: toNear, drain: () => near.resume(), closed: end }, left.signal).then(
    (opened) => {
      clearInterval(alive);
      if (left.signal.aborted) return opened.close();
      far = opened;
      for (const bytes of early.splice(0)) toFar(bytes);
      near.resume();
    },
    (error) => end(SkeinError.from(error)),
  );
  return {
    message(bytes) {
      if (far !== undefined) return toFar(bytes);
      early.push(bytes);
      near.pause();
    },
    closed() {
      clearInterval(alive);
      over = true;
      left.abort();
      far?.close();
    },
  };
}
