/** What passes between the kernel's main thread and its two workers. Numbers stand for streams and clients here. */
import type { DamageReport } from './options.ts';

/** Numbers of streams: those below. Row ids of this one and more would not be whole any more (see log/schema.ts). */
export const STREAMS = 2 ** 18;

export interface StreamRow {
  number: number;
  name: string;
  epoch: number;
  /** The first offset that can be read. */
  first: number;
  head: number;
}

export interface PendingEffect {
  number: number;
  target: string;
  id: string;
  kind: string;
  body: Uint8Array;
}

export interface Opened {
  streams: StreamRow[];
  nextStream: number;
  nextClient: number;
  nextEffect: number;
  effects: PendingEffect[];
  /** Streams whose removal was begun (see purge.ts). */
  removing: number[];
  damage: DamageReport | null;
}

/** A packed Batch, and the blobs and values of cells that are moved beside it rather than copied into it. */
export interface PackedBatch {
  packed: Uint8Array<ArrayBuffer>;
  large: Uint8Array<ArrayBuffer>[];
}

/** One transaction. Tuples, because it is packed and unpacked for every commit. */
export interface Batch {
  now: number;
  /** number, name, epoch, first offset, sizes, data. */
  chunks: [number, string, number, number, Uint8Array, Uint8Array][];
  /** Clients never seen before: number, name. */
  clients: [number, string][];
  /** client, seq, target, hash of the command, packed reply, the streams it concerns (see concerning). */
  receipts: [number, number, string, Uint8Array, Uint8Array, string][];
  /** number, stream, id, kind, packed body. */
  effects: [number, number, string, string, Uint8Array][];
  effectsDone: number[];
  /** stream, reducer's name, version, offset, packed state. */
  snapshots: [number, string, number, number, Uint8Array][];
  /** hash in hex, which of the batch's large values it is, stream, offset of the event that refers to it. */
  blobs: [string, number, number, number][];
  /** stream, its epoch, key, value; null removes, a number says which of the batch's large values it is. */
  cells: [number, number, string, Uint8Array | number | null][];
}

export interface SnapshotRow {
  stream: number;
  name: string;
  version: number;
  offset: number;
  state: Uint8Array;
}

/** `name` and `version` are those of the reducer at whose snapshot the log may be cut. */
export interface RetainRequest {
  stream: number;
  name: string;
  version: number;
  before: number;
}

export interface WriterOps {
  open: { args: { now: number }; result: Opened };
  commit: { args: PackedBatch; result: null };
  ack: { args: { acks: [number, number][]; now: number }; result: null };
  /** How many receipts went. */
  sweep: { args: { now: number }; result: number };
  snapshot: { args: SnapshotRow; result: null };
  retain: { args: RetainRequest; result: number };
  /** Makes the streams no more; what is left of them goes by slices: first `clear` of each, until false. Returns those that were there. */
  purge: { args: { streams: { stream: number; name: string }[] }; result: number[] };
  clear: { args: { stream: number }; result: boolean };
  /** Then `scrub` of all that are cleared, with page 0, and with each result until null. */
  scrub: { args: { streams: number[]; page: number }; result: number | null };
  newEpoch: { args: { stream: number; now: number }; result: StreamRow };
  repair: { args: { now: number; reason: string }; result: Opened };
  /** Limits the database's pages, to act a full disk; 0 takes the limit away. For fault tests. */
  limit: { args: { pages: number }; result: null };
  /** Nothing is going on: lets go of pages that it keeps in memory. */
  rest: { args: null; result: null };
  close: { args: { now: number }; result: null };
}

export interface PageRequest {
  stream: number;
  name: string;
  from: number;
  to: number;
  maxEvents: number;
  maxBytes: number;
}

export interface PageBytes {
  /** What was asked for; behind it if that is not kept any more, and then there are none. */
  first: number;
  count: number;
  data: Uint8Array;
}

/** A snapshot of a reducer: of one version, or with null the newest of any. */
export interface SnapshotRequest {
  stream: number;
  name: string;
  version: number | null;
}

export interface SnapshotBytes {
  offset: number;
  version: number;
  state: Uint8Array;
}

export interface ClientRow {
  number: number;
  watermark: number;
  /** The highest seq that has a receipt. */
  last: number;
}

/** Cells in the order of their keys; `data` is their values end to end. */
export interface CellBytes {
  keys: string[];
  sizes: number[];
  data: Uint8Array;
}

export interface ReaderOps {
  open: { args: null; result: null };
  client: { args: { name: string }; result: ClientRow | null };
  receipt: { args: { client: number; seq: number }; result: { body: Uint8Array; reply: Uint8Array } | null };
  snapshot: { args: SnapshotRequest; result: SnapshotBytes | null };
  page: { args: PageRequest; result: PageBytes };
  cells: { args: { stream: number; name: string; prefix: string }; result: CellBytes };
  blob: { args: { hash: string; offset: number; length: number }; result: Uint8Array };
  rest: WriterOps['rest'];
  /** Lets go of the file, so that a repair can replace it. */
  close: { args: null; result: null };
}
