/** The blobs of the events that a repair keeps: the references to them, anew (L8). */
import { unpackEvents } from '../codec.ts';
import type { Chunk } from '../log/chain.ts';
import type { Db } from '../log/schema.ts';

/** How an event with a blob says so in msgpack. Few have one: the others need not be unpacked. */
const MARK = Buffer.from('\xa4blob', 'latin1');

/** The events of a chunk that have their body in a blob. */
function* blobsOf({ first, data }: Chunk): Generator<{ offset: number; hash: string }> {
  if (!Buffer.from(data.buffer, data.byteOffset, data.length).includes(MARK)) return;
  for (const [i, { blob }] of unpackEvents(data).entries()) {
    if (blob) yield { offset: first + i, hash: blob.hash };
  }
}

export class SalvagedBlobs {
  readonly #ref;

  constructor(target: Db) {
    this.#ref = target.prepare('INSERT OR IGNORE INTO blob_refs VALUES (?, ?, ?)');
  }

  /** The events say what they refer to: the table that says it too may be what is damaged, and blobs are swept by it. */
  refer(stream: number, chunk: Chunk): void {
    for (const { hash, offset } of blobsOf(chunk)) this.#ref.run(hash, stream, offset);
  }
}
