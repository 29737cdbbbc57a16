/** The muxer between two nodes: what it sends of its own beside what it is given. */
import type { MessageStream, Stream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface';
import { multiaddrConnectionPair } from '@libp2p/utils';
import { expect, test } from 'vitest';
import { steadyYamux } from './steady-yamux.ts';

const MESSAGES = 200;

test('[C2] small messages are carried without a window update for each', async () => {
  const [near, far] = multiaddrConnectionPair();
  let back = 0;
  near.addEventListener('message', () => {
    back += 1;
  });
  const muxerOn = (connection: MessageStream): StreamMuxer => {
    const factory: StreamMuxerFactory = steadyYamux({})();
    return factory.createStreamMuxer(connection);
  };
  const [opening, accepting] = [muxerOn(near), muxerOn(far)];
  let received = 0;
  let settle = () => {};
  const all = new Promise<void>((resolve) => {
    settle = resolve;
  });
  accepting.addEventListener('stream', ({ detail }) => {
    (detail as Stream).addEventListener('message', ({ data }) => {
      received += data.byteLength;
      if (received === MESSAGES) settle();
    });
  });
  const stream = await opening.createStream();
  for (let n = 0; n < MESSAGES; n++) {
    stream.send(Uint8Array.of(n));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await all;
  expect(back).toBeLessThan(MESSAGES / 10);
  opening.abort(new Error('over'));
  accepting.abort(new Error('over'));
});
