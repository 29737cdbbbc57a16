/** A libp2p stream whose connection is gone before the stream knows it (rule C5): nothing that is asked of it is thrown back. */
import type { Stream } from '@libp2p/interface';
import { expect, test } from 'vitest';
import { peerStream } from './peer-stream.ts';

/** As js-libp2p's is then: what goes on with it would answer the far end, over a connection that is closed. */
function orphaned() {
  const aborted: Error[] = [];
  const stream = Object.assign(new EventTarget(), {
    status: 'open',
    writeStatus: 'writable',
    readStatus: 'paused',
    remoteWriteStatus: 'writable',
    writableNeedsDrain: false,
    writeBufferLength: 0,
    send() {
      throw new Error('closed');
    },
    resume() {
      throw new Error('closed');
    },
    abort: (error: Error) => void aborted.push(error),
  });
  return { stream: peerStream(stream as unknown as Stream), aborted };
}

test('[C5] to go on with it, or to write to it, ends it and throws nothing', () => {
  const { stream, aborted } = orphaned();
  stream.resume();
  stream.send(new Uint8Array(1));
  expect(aborted.map(({ message }) => message)).toEqual(['closed', 'closed']);
});
