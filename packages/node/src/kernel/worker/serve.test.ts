/** What a failure of a worker means (L6). */
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { cleanUp, tempDir } from '../counter.fixture.ts';
import { storageError } from './serve.ts';

afterEach(cleanUp);

// As SQLite tells of a page that it could not read, just as of one that says what no page says.
const malformed = Object.assign(new Error('database disk image is malformed'), { code: 'SQLITE_CORRUPT' });

test('[L6] a log that can be read and is malformed is damaged', () => {
  const dir = tempDir();
  expect(storageError(malformed, dir)).toMatchObject({ code: 'log_damaged' });
  writeFileSync(join(dir, 'log.db'), 'x'.repeat(3_000_000));
  expect(storageError(malformed, dir)).toMatchObject({ code: 'log_damaged' });
});

// What nothing is mapped at gives EIO, as a disk that is gone does.
test.skipIf(process.platform !== 'linux')(
  '[L6] a log that the disk does not give back is not taken for damaged: it may be whole when the disk is back',
  () => {
    const dir = tempDir();
    symlinkSync('/proc/self/mem', join(dir, 'log.db'));
    expect(storageError(malformed, dir)).toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining('EIO'),
      data: { advice: expect.stringContaining('dmesg') },
    });
  },
);

test('[K5] a disk that takes nothing is not told to be full where it is read-only', () => {
  const told = (code: string) => storageError(Object.assign(new Error('no'), { code }), '/none');
  expect(told('SQLITE_READONLY_DIRECTORY').data?.advice).toMatch(/^Mount it for writing/);
  expect(told('EROFS').data?.advice).toMatch(/^Mount it for writing/);
  expect(told('SQLITE_IOERR_FSYNC').data?.advice).toMatch(/^Look at the disk/);
  expect(told('SQLITE_FULL').data).toBeUndefined();
});
