/** A device that keeps every message it sends to a node, and others that send the same again. */
import type { Mesh, PeerAddress } from '@skein/node/mesh/api';
import type { ClientFrame, NodeFrame } from '@skein/protocol/channel/frames';
import { Client } from '@skein/protocol/client/client';
import type { Connect } from '@skein/protocol/client/transport';
import { pack, unpack } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';

const REACH_MS = 15_000;

/** A client over a tunnel, whose messages are kept in `sent`. */
export function recordedClient(mesh: Mesh, to: PeerAddress, sent: Uint8Array[]): Promise<Client> {
  const connect: Connect = async (events) => {
    const pipe = await mesh.open(to, {
      wait: REACH_MS,
      events: {
        message: (bytes) => events.message(bytes),
        closed: (error) => events.closed(error === undefined ? undefined : SkeinError.from(error)),
      },
    });
    return {
      send(message) {
        sent.push(message.slice());
        pipe.send(message);
      },
      get buffered() {
        return pipe.buffered;
      },
      close: () => pipe.close(),
      pause: () => pipe.pause(),
      resume: () => pipe.resume(),
    };
  };
  return Client.connect({ connect, name: 'recorded', version: '0' });
}

interface Played {
  answers: NodeFrame[];
  /** Messages after which it was cut off. */
  cutAfter: number;
}

/** Sends messages as they were sent, on a tunnel of one's own, and waits until all of them are dealt with. */
export async function playAgain(mesh: Mesh, to: PeerAddress, sent: readonly Uint8Array[]): Promise<Played> {
  const answers: NodeFrame[] = [];
  let over = false;
  let tell: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const last = 1_000_000_007;
  const pipe = await mesh.open(to, {
    wait: REACH_MS,
    events: {
      message(bytes) {
        const frame = unpack(bytes) as NodeFrame;
        answers.push(frame);
        if (frame.t === 'pong' && frame.n === last) tell();
      },
      closed() {
        over = true;
        tell();
      },
    },
  });
  let cutAfter = 0;
  for (const message of sent) {
    if (over) break;
    pipe.send(message);
    cutAfter++;
    // One after the other, as a person would have.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const ping: ClientFrame = { t: 'ping', n: last };
  if (!over) pipe.send(pack(ping));
  const limit = setTimeout(() => tell(), REACH_MS);
  await ended;
  clearTimeout(limit);
  await waitForAnswers(sent, answers, () => over);
  pipe.close();
  return { answers, cutAfter };
}

/** Every ask and command is answered, unless the door was closed. */
async function waitForAnswers(
  sent: readonly Uint8Array[],
  answers: readonly NodeFrame[],
  over: () => boolean,
): Promise<void> {
  const wanted = sent.filter((message) => ['ask', 'cmd'].includes((unpack(message) as ClientFrame).t)).length;
  const count = () => answers.filter(({ t }) => t === 'answer' || t === 'reply').length;
  for (const end = performance.now() + REACH_MS; !over() && count() < wanted && performance.now() < end; )
    await new Promise((resolve) => setTimeout(resolve, 5));
}
