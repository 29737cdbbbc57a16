/** The blobs of the events that a repair keeps: whether each is what was stored, and the references to them, anew (L6, L8). */
import { SkeinError } from '@skein/protocol/errors';
import { unpackEvents } from '../codec.ts';
import { BlobReader } from '../log/blob-reader.ts';
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
  readonly #reader: BlobReader;
  readonly #ref;
  /** Those that are there, and are not what was stored. */
  readonly altered = new Set<string>();

  constructor(dir: string, target: Db) {
    this.#reader = new BlobReader(dir);
    this.#ref = target.prepare('INSERT OR IGNORE INTO blob_refs VALUES (?, ?, ?)');
  }

  /** The first event of a chunk whose blob is missing or altered: without its body nothing behind it can be replayed. */
  firstLost(chunk: Chunk): number | undefined {
    for (const { hash, offset } of blobsOf(chunk)) if (!this.#holds(hash)) return offset;
    return undefined;
  }

  /** The events say what they refer to: the table that says it too may be what is damaged, and blobs are swept by it. */
  refer(stream: number, chunk: Chunk): void {
    for (const { hash, offset } of blobsOf(chunk)) this.#ref.run(hash, stream, offset);
  }

  #holds(hash: string): boolean {
    try {
      // The first look at a blob goes over all of it.
      this.#reader.read(hash, 0, 0);
      return true;
    } catch (error) {
      const code = error instanceof SkeinError ? error.code : undefined;
      if (code === 'log_damaged') this.altered.add(hash);
      // One that cannot be read now, as without the right to it, may be whole.
      return code !== 'log_damaged' && code !== 'not_found';
    }
  }
}
