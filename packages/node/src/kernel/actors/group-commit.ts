/** Group commit (L2): while one transaction is being written, whatever is decided meanwhile gathers for the next. */
import { SkeinError } from '@skein/protocol/errors';
import { concat, owned, pack, packLarge } from '../codec.ts';
import { blobName } from '../log/blob-name.ts';
import type { CellChange } from '../log/cells.ts';
import { packSizes } from '../log/chain.ts';
import type { Stream } from '../streams/registry.ts';
import type { Batch, PackedBatch } from '../wire.ts';

/** What one unit appends to one stream, and the state of its actor after that. */
export interface Append {
  stream: Stream;
  from: number;
  events: Uint8Array[];
  blobs: { offset: number; bytes: Uint8Array<ArrayBuffer> }[];
  kind: string;
  version: number;
  state: unknown;
  /** Remembers the offset of the actor's newest snapshot. */
  actor: { snapshotAt: number };
}

export interface Receipt {
  client: { number: number; name: string; stored: boolean };
  seq: number;
  target: string;
  body: Uint8Array;
  reply: Uint8Array;
  /** The streams that it concerns besides its target (see concerning). */
  streams: string;
}

/** What one decided command adds to the transaction. */
export interface Entry {
  appends: Append[];
  receipt?: Receipt;
  effects: Batch['effects'];
  cells: CellChange[];
  effectsDone: number[];
  /** Durable: states may be shown, replies sent, effects started. */
  done(): void;
  /** Nothing of it happened. */
  failed(error: SkeinError): void;
}

/** Commands and bytes of one transaction; more waits for the next, so that none takes long to write or to read. */
const MAX_ENTRIES = 1024;
const MAX_BYTES = 1024 * 1024;

/** Bytes of a cell's value from which on it goes beside the packed batch. */
const LARGE_CELL = 16 * 1024;

interface GroupCommitOptions {
  write(batch: PackedBatch): Promise<unknown>;
  now(): number;
  /** Events of a stream between two snapshots. */
  snapshotEvery: number;
  /** Called before the entries of a failed batch, and all decided on top of it, are told. */
  onFailure(error: SkeinError): void;
}

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #waiting: Entry[] = [];
  #busy: Promise<void> | undefined;
  #scheduled = false;
  batches = 0;
  failures = 0;
  events = 0;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  add(entry: Entry): void {
    this.#waiting.push(entry);
    this.#schedule();
  }

  /** Resolves when everything added before is durable or has failed. */
  async settled(): Promise<void> {
    while (this.#busy || this.#waiting.length > 0) {
      await (this.#busy ?? new Promise((resolve) => setImmediate(resolve)));
    }
  }

  /** Fails what waits; what is being written takes its course. */
  failWaiting(error: SkeinError): void {
    const entries = this.#waiting;
    this.#waiting = [];
    for (const entry of entries) entry.failed(error);
  }

  #schedule(): void {
    if (this.#scheduled || this.#busy) return;
    this.#scheduled = true;
    // Everything that one turn of the loop brings shares a transaction.
    queueMicrotask(() => {
      this.#scheduled = false;
      if (!this.#busy && this.#waiting.length > 0) this.#busy = this.#run();
    });
  }

  async #run(): Promise<void> {
    const entries = this.#take();
    let failure: unknown;
    try {
      const large: PackedBatch['large'] = [];
      const packed = packLarge(buildBatch(entries, large, this.#options));
      await this.#options.write({ packed, large });
    } catch (error) {
      failure = error;
    }
    this.#busy = undefined;
    if (failure === undefined) {
      this.batches += 1;
      for (const entry of entries) {
        for (const { events } of entry.appends) this.events += events.length;
        entry.done();
      }
    } else {
      this.failures += 1;
      const error = SkeinError.from(failure);
      const poisoned = [...entries, ...this.#waiting];
      this.#waiting = [];
      this.#options.onFailure(error);
      for (const entry of poisoned) entry.failed(error);
    }
    // The answers just given bring new commands: a turn of the loop lets them into the next transaction.
    if (this.#waiting.length > 0) setImmediate(() => this.#schedule());
  }

  #take(): Entry[] {
    let bytes = 0;
    let count = 0;
    for (const entry of this.#waiting) {
      if (count > 0 && (count >= MAX_ENTRIES || bytes >= MAX_BYTES)) break;
      for (const { events } of entry.appends) for (const event of events) bytes += event.length;
      for (const [, , , value] of entry.cells) bytes += value?.length ?? 0;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}

/** Puts blobs and large values of cells into `large`. */
function buildBatch(
  entries: readonly Entry[],
  large: PackedBatch['large'],
  options: GroupCommitOptions,
): Batch {
  const batch: Batch = {
    now: options.now(),
    chunks: [],
    clients: [],
    receipts: [],
    effects: [],
    effectsDone: [],
    snapshots: [],
    blobs: [],
    cells: [],
  };
  const chunks = new Map<Stream, Gathered>();
  const clients = new Set<number>();
  for (const { appends, receipt, effects, effectsDone, cells } of entries) {
    for (const append of appends) {
      const { stream, from, events, blobs } = append;
      const chunk = chunks.get(stream);
      if (chunk) chunk.events.push(...events);
      chunks.set(stream, { from: chunk?.from ?? from, events: chunk?.events ?? [...events], last: append });
      for (const blob of blobs)
        batch.blobs.push([blobName(blob.bytes), large.push(blob.bytes) - 1, stream.number, blob.offset]);
    }
    if (receipt) {
      const { client, seq, target, body, reply, streams } = receipt;
      if (!client.stored && !clients.has(client.number)) batch.clients.push([client.number, client.name]);
      clients.add(client.number);
      batch.receipts.push([client.number, seq, target, body, reply, streams]);
    }
    batch.effects.push(...effects);
    batch.effectsDone.push(...effectsDone);
    for (const [stream, epoch, key, value] of cells) {
      // One copy, since the value stays its owner's; packing it as well would make three.
      const beside = value !== null && value.length >= LARGE_CELL;
      batch.cells.push([stream, epoch, key, beside ? large.push(owned(value)) - 1 : value]);
    }
  }
  for (const [stream, chunk] of chunks) addChunk(batch, stream, chunk, options.snapshotEvery);
  return batch;
}

interface Gathered {
  from: number;
  events: Uint8Array[];
  last: Append;
}

/** A snapshot is taken where a transaction ends, so that its chain hash is one that is stored. */
function addChunk(batch: Batch, stream: Stream, { from, events, last }: Gathered, every: number): void {
  const sizes = events.map((event) => event.length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  batch.chunks.push([
    stream.number,
    stream.name,
    stream.epoch,
    from,
    packSizes(sizes),
    concat(events, total),
  ]);
  const end = from + events.length - 1;
  if (end - last.actor.snapshotAt < every) return;
  last.actor.snapshotAt = end;
  batch.snapshots.push([stream.number, last.kind, last.version, end, pack(last.state)]);
}
