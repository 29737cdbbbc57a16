/**
 * The channel (rules C1–C5): one connection between a client and a node, the same on a local socket, a libp2p stream
 * and a browser's WebSocket. Each message is one msgpack map with a type `t`.
 *
 * A connection opens with `hello`, answered by `welcome` or `refused`; nothing else is accepted before that. Then:
 *
 * - `ask` → `answer`: reads, and rights that live for seconds. Not recorded; asking again is harmless.
 * - `cmd` → `reply`: changes. Recorded with a receipt under `{client, seq}`; the same `cmd` sent again, on this
 *   connection or a later one, returns the same `reply` (K2). `ack` tells that replies up to `seq` have arrived.
 * - `sub` opens an events lane from a cursor; `page` frames follow as far as its credit reaches; `credit` gives back
 *   what the reader has consumed, in bytes of page data; `close` ends the lane, `end` tells that the node ended it.
 * - `open` opens a terminal lane, which carries host frames (see ../host/frames.ts) in `data` both ways under the same
 *   credit; `fetch` opens a transfer lane, a blob in chunks.
 * - `ping` → `pong`, either way, when nothing else was heard for a while.
 */
import { BLOB_CHUNK, LANE_MAX, MAX_FRAME } from '../limits.ts';
import { any, bool, bytes, type Infer, int, list, obj, oneOf, opt, str, union } from '../shape.ts';

/** Versions of the channel this build speaks, best first. */
export const CHANNEL_VERSIONS = [1];

const lane = int(1, 0xffffffff);
/** Characters of what an error says. */
export const MAX_MESSAGE = 4096;

const commandId = obj({ client: str(64), seq: int(1) });
const error = obj({ code: str(64), message: str(MAX_MESSAGE), data: opt(any) });
const cursor = obj({ epoch: opt(int(0)), offset: int(0) });

/** What a client sends. */
export const clientFrame = union({
  hello: obj({
    versions: list(int(1, 65535), 32),
    client: obj({ name: str(64), version: str(64) }),
    /** At `/agent`: the token by which an agent proves its capability (rule N1). */
    proof: opt(str(64)),
  }),
  ask: obj({ n: int(1), type: str(64), body: any }),
  cmd: obj({ id: commandId, target: str(128), type: str(64), body: any }),
  ack: obj({ client: str(64), seq: int(1) }),
  sub: obj({ lane, stream: str(128), from: cursor, follow: bool, credit: int(0, LANE_MAX) }),
  open: obj({
    lane,
    session: str(64),
    role: oneOf('read', 'write'),
    hello: any,
    credit: int(0, LANE_MAX),
  }),
  /** `of`: the event that names the blob. Who may not read everything may read what an event that is theirs to read names. */
  fetch: obj({
    lane,
    hash: str(64),
    from: int(0),
    credit: int(0, LANE_MAX),
    of: opt(obj({ stream: str(128), offset: int(1) })),
  }),
  data: obj({ lane, bytes: bytes(MAX_FRAME) }),
  credit: obj({ lane, bytes: int(1, LANE_MAX) }),
  close: obj({ lane }),
  ping: obj({ n: int(0) }),
  pong: obj({ n: int(0) }),
});
export type ClientFrame = Infer<typeof clientFrame>;

/** What a node sends. */
export const nodeFrame = union({
  welcome: obj({
    version: int(1, 65535),
    /** `build`: of what sources, where several have one version; told on its own machine, by nodes that know it. */
    node: obj({ id: str(64), version: str(64), pid: int(0), build: opt(str(64)) }),
    limits: obj({ frame: int(1), lanes: int(1), window: int(1) }),
  }),
  refused: obj({ error, versions: list(int(1, 65535), 32) }),
  answer: obj({ n: int(1), body: opt(any), error: opt(error) }),
  reply: obj({ id: commandId, body: opt(any), error: opt(error) }),
  page: obj({ lane, epoch: int(0), first: int(0), count: int(1), head: int(0), data: bytes(MAX_FRAME) }),
  /** The reader is at the head; sent once a time it gets there, so that a follower knows that it is up to date. */
  live: obj({ lane, epoch: int(0), head: int(0) }),
  chunk: obj({ lane, offset: int(0), size: int(0), bytes: bytes(BLOB_CHUNK) }),
  data: obj({ lane, bytes: bytes(MAX_FRAME) }),
  credit: obj({ lane, bytes: int(1, LANE_MAX) }),
  end: obj({ lane, error: opt(error) }),
  ping: obj({ n: int(0) }),
  pong: obj({ n: int(0) }),
});
export type NodeFrame = Infer<typeof nodeFrame>;

export type CommandId = Infer<typeof commandId>;
/** A place in a stream; without an epoch, whatever epoch is present. */
export type Cursor = Infer<typeof cursor>;
export type WireError = Infer<typeof error>;
