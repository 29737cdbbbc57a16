/**
 * A program's output from a byte on: from its host while it runs, through the node once it has ended. Either way only as
 * fast as its reader takes it (rule C2).
 */
import type { ClientFrame, NodeFrame } from '@skein/protocol/channel/frames';
import type { Client } from '@skein/protocol/client/client';
import { type Lane, wireError } from '@skein/protocol/client/lane';
import { SkeinError } from '@skein/protocol/errors';
import {
  type ExitFrame,
  FrameReader,
  HOST_VERSIONS,
  HostFrame,
  offsetFrame,
} from '@skein/protocol/host/frames';
import { LANE_MAX, LANE_WINDOW } from '@skein/protocol/limits';
import { deliver, HostViewer, type ViewerEvents } from '../attach/host-viewer.ts';
import { bySocket, type Right } from '../attach/viewer-stream.ts';

export interface OutputWanted {
  from: number;
  follow: boolean;
}

interface OutputEvents {
  /** Bytes are a view that lasts until the call returns. */
  data(offset: number, bytes: Uint8Array): void;
  gap(from: number, to: number): void;
}

export interface OutputSource {
  /** The reader still has so many bytes in hand; everything else is consumed. */
  inHand(bytes: number): void;
  /** Resolves at the end of the output, with how the program ended if it has. */
  done: Promise<ExitFrame | undefined>;
}

/** What is asked of a client for it. */
type OutputClient = Pick<Client, 'ask' | 'newLane' | 'addLane' | 'laneData' | 'credit' | 'endLane'>;

/** A session, and how it is reached: on this machine its host can be spoken with itself. */
export interface At {
  client: OutputClient;
  id: string;
  node: string | undefined;
}

export async function openOutput(
  { client, id, node }: At,
  wanted: OutputWanted,
  events: OutputEvents,
): Promise<OutputSource> {
  const byNode = () => throughNode(client, id, wanted, events);
  if (node !== undefined) return orElse(byNode(), byNode);
  const right = await client.ask('right', { ref: id, role: 'read' });
  return 'ended' in right ? byNode() : orElse(fromHost(right, wanted, events), byNode);
}

/** Of a program that ended while its host was being reached, its node has the output. */
function orElse(first: OutputSource, next: () => OutputSource): OutputSource {
  let source = first;
  const done = first.done.catch((error) => {
    if (SkeinError.from(error).code !== 'not_running') throw error;
    source = next();
    return source.done;
  });
  return { done, inHand: (bytes) => source.inHand(bytes) };
}

function fromHost(right: Right, wanted: OutputWanted, events: OutputEvents): OutputSource {
  let end = wanted.from;
  let reported = end;
  let viewer: HostViewer | undefined;
  const done = settled(wanted, events, (told) => {
    viewer = new HostViewer(
      bySocket(right),
      { view: 'bytes', ...wanted },
      {
        ...told,
        data: (offset, bytes) => {
          end = offset + bytes.length;
          events.data(offset, bytes);
        },
      },
    );
  });
  return {
    done,
    inHand: (bytes) => {
      if (end - bytes <= reported) return;
      reported = end - bytes;
      viewer?.consumed(reported);
    },
  };
}

/**
 * The lane's credit bounds what is under way to here; what the host holds back is what its viewer has not reported as
 * consumed. A program that has ended has no host, and its node keeps to the credit alone.
 */
function throughNode(
  client: OutputClient,
  session: string,
  wanted: OutputWanted,
  events: OutputEvents,
): OutputSource {
  const lane = client.newLane();
  let end = wanted.from;
  let reported = end;
  /** Bytes of the lane that its reader has not yet been through with. */
  let owed = 0;
  const noting: OutputEvents = {
    data: (offset, bytes) => {
      end = offset + bytes.length;
      events.data(offset, bytes);
    },
    gap: (from, to) => {
      end = to;
      events.gap(from, to);
    },
  };
  const done = settled(wanted, noting, (told) => {
    let reader = new FrameReader();
    const owner: Lane = {
      // On a new connection it goes on behind the last byte that came; half a frame comes again whole (C4).
      open: (): ClientFrame => {
        reader = new FrameReader();
        owed = 0;
        const { follow } = wanted;
        const hello = { versions: HOST_VERSIONS, view: 'bytes', from: end, follow, window: LANE_WINDOW };
        return { t: 'open', lane, session, role: 'read', hello, credit: LANE_WINDOW };
      },
      frame: (frame: NodeFrame) => {
        if (frame.t === 'end') told.closed(frame.error === undefined ? undefined : wireError(frame.error));
        if (frame.t !== 'data') return;
        owed += frame.bytes.length;
        try {
          if (owed > LANE_MAX)
            throw new SkeinError('bad_frame', 'The node sent more output than it had credit for.');
          reader.push(frame.bytes, (type, payload) => deliver(type, payload, told));
        } catch (error) {
          client.endLane(lane);
          told.closed(SkeinError.from(error));
        }
      },
      failed: (error) => told.closed(error),
    };
    client.addLane(lane, owner);
  });
  return {
    done,
    inHand: (bytes) => {
      if (end - bytes > reported) {
        reported = end - bytes;
        client.laneData(lane, offsetFrame(HostFrame.CONSUMED, reported));
      }
      if (owed <= bytes) return;
      client.credit(lane, owed - bytes);
      owed = bytes;
    },
  };
}

/** What both have in common: the program's end, or an error, ends it. */
function settled(
  { from }: OutputWanted,
  events: OutputEvents,
  begin: (told: ViewerEvents) => void,
): Promise<ExitFrame | undefined> {
  return new Promise((resolve, reject) => {
    let exit: ExitFrame | undefined;
    let welcomed = false;
    begin({
      // A host only waits until it has come so far. Once is enough: who comes again was there.
      welcome: ({ head }) => {
        if (!welcomed && from > head)
          throw new SkeinError('cursor_past_head', `The output ends at ${head} by now.`, { head });
        welcomed = true;
      },
      data: events.data,
      gap: ({ from, to }) => events.gap(from, to),
      exit: (frame) => {
        exit = frame;
      },
      closed: (error) => {
        if (exit !== undefined) resolve(exit);
        else if (error !== undefined) reject(error);
        else reject(new SkeinError('host_lost', 'The output broke off: its host is gone.'));
      },
    });
  });
}
