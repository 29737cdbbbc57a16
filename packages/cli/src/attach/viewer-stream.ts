/**
 * The two ways to a program's host: straight to its socket by a one-time right, so that no node is in between (rule H1);
 * or on a lane of the channel, which is the way to one on another machine and to what is kept of an ended one (C1).
 */

import type { ByteEvents, ByteStream } from '@skein/client/transport/byte-stream';
import { openStream } from '@skein/client/transport/open-stream';
import type { NodeFrame } from '@skein/protocol/channel/frames';
import type { Client } from '@skein/protocol/client/client';
import { wireError } from '@skein/protocol/client/lane';
import { SkeinError } from '@skein/protocol/errors';
import { frame, HOST_VERSIONS, HostFrame, type HostHello } from '@skein/protocol/host/frames';
import { pack } from '@skein/protocol/light-codec';
import { LANE_WINDOW } from '@skein/protocol/limits';

interface ViewerStreamEvents extends Pick<ByteEvents, 'data'> {
  /** Once, and nothing follows; without an error when the other end has finished. */
  closed(error?: SkeinError): void;
}

/** Begins with a hello; the bytes that follow are frames of the host's protocol, both ways. */
export type OpenViewer = (
  hello: Omit<HostHello, 'versions' | 'token'>,
  events: ViewerStreamEvents,
) => ByteStream;

export interface Right {
  socket: string;
  token: string;
}

/** By a right: on this machine. */
export function bySocket({ socket, token }: Right): OpenViewer {
  return (hello, events) => {
    const stream = openStream(socket, {
      opened: () => stream.write(frame(HostFrame.HELLO, pack({ ...hello, token, versions: HOST_VERSIONS }))),
      data: events.data,
      closed: (error) =>
        events.closed(
          error === undefined
            ? undefined
            : new SkeinError('host_lost', `The session's host cannot be reached: ${error.message}.`),
        ),
    });
    return stream;
  };
}

/**
 * On a lane. The lane's credit is given back as bytes arrive, and no more arrives than the viewer's own window: what it
 * has not reported as consumed is what its host holds back (C2).
 */
export function byLane(client: Client, session: string, role: 'read' | 'write'): OpenViewer {
  return (hello, events) => {
    const lane = client.newLane();
    let over = false;
    const end = (error?: SkeinError) => {
      if (over) return;
      over = true;
      client.endLane(lane);
      events.closed(error);
    };
    client.addLane(lane, {
      // A host is not told half a hello twice: after a new connection its viewer begins anew.
      open: () => ({
        ...{ t: 'open', lane, session, role, credit: LANE_WINDOW },
        hello: { window: LANE_WINDOW, ...hello, versions: HOST_VERSIONS },
      }),
      frame: (one: NodeFrame) => {
        if (one.t === 'end') end(one.error === undefined ? undefined : wireError(one.error));
        if (one.t !== 'data' || over) return;
        client.credit(lane, one.bytes.length);
        events.data(one.bytes);
      },
      failed: end,
    });
    return {
      write: (bytes) => client.laneData(lane, bytes),
      pending: 0,
      pause: () => {},
      resume: () => {},
      end: () => end(),
      destroy: (error) => end(error === undefined ? undefined : SkeinError.from(error)),
    };
  };
}
