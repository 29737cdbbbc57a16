/**
 * Yamux that does not throw where nobody can catch it. js-libp2p's says goodbye on connections that are closed already, from
 * within event listeners and microtasks: the exception would end the process, and any stranger could bring that about (C5).
 */
import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface';
import { type YamuxMuxerInit, yamux } from '@libp2p/yamux';

/** What all of Yamux's words go through, though its interface does not say so. */
interface Sender {
  send?(data: unknown): boolean;
}

export function steadyYamux(init: YamuxMuxerInit): () => StreamMuxerFactory {
  const make = yamux(init);
  return () => {
    const factory = make();
    return {
      protocol: factory.protocol,
      createStreamMuxer: (connection: MessageStream) => steady(factory.createStreamMuxer(connection)),
    };
  };
}

function steady<T extends StreamMuxer>(muxer: T): T {
  const sender = muxer as Sender;
  const send = sender.send?.bind(muxer);
  if (send === undefined) throw new Error('this Yamux is built otherwise');
  sender.send = (data) => {
    try {
      return send(data);
    } catch {
      // The connection is closed, and its streams are about to be told.
      return false;
    }
  };
  return muxer;
}
