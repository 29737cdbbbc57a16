/** Blobs are read as they were stored, wherever a reader begins, and not at all once they were altered (L8). */
import fs from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { cleanUp, tempDir } from '../counter.fixture.ts';
import { writeBlob } from './blob-files.ts';
import { blobName } from './blob-name.ts';
import { BlobReader } from './blob-reader.ts';

afterEach(cleanUp);

const PIECE = 64 * 1024;

/** Bytes of which no two pieces are alike. */
function filled(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 255);
}

test('[L8] any part of a blob is what was stored, and one that was altered since is never served', () => {
  const size = fc.constantFrom(1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 200_000);
  const place = fc.nat(1_000_000);
  const part = fc.record({ at: place, length: fc.constantFrom(0, 1, 100, PIECE, 2 * PIECE) });
  fc.assert(
    fc.property(size, fc.array(part, { minLength: 1 }), place, (total, parts, flip) => {
      const dir = tempDir();
      const bytes = filled(total);
      const name = blobName(bytes);
      writeBlob(dir, name, bytes);
      const reader = new BlobReader(dir);
      const whole = (at: number) => at % (total + 1);
      for (const { at, length } of parts) {
        const read = reader.read(name, whole(at), length);
        expect(Buffer.compare(read, bytes.subarray(whole(at), whole(at) + length))).toBe(0);
        expect(read.buffer.byteLength).toBe(read.length);
      }
      const hit = flip % total;
      bytes[hit] = (bytes[hit] ?? 0) ^ 1;
      fs.writeFileSync(join(dir, 'blobs', name), bytes);
      // One that knows it already, and one that does not.
      for (const one of [reader, new BlobReader(dir)])
        expect(() => one.read(name, hit, 1)).toThrow(expect.objectContaining({ code: 'log_damaged' }));
      fs.writeFileSync(join(dir, 'blobs', name), bytes.subarray(0, hit));
      expect(() => reader.read(name, 0, PIECE)).toThrow(expect.objectContaining({ code: 'log_damaged' }));
      fs.rmSync(join(dir, 'blobs', name));
      expect(() => reader.read(name, 0, 1)).toThrow(expect.objectContaining({ code: 'not_found' }));
    }),
    { numRuns: 40 },
  );
});
