/** What must hold when there is no room to put a damaged log aside (L6). */
import { readdirSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { add, cleanUp, openKernel, tempDir } from '../counter.fixture.ts';
import { writerHandlers } from '../worker/writer.ts';

const disk = vi.hoisted(() => ({ full: false }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  // A full disk leaves a part of the copy.
  const copyFileSync = (from: string, to: string) => {
    if (!disk.full) return fs.copyFileSync(from, to);
    fs.writeFileSync(to, 'a part');
    throw Object.assign(new Error('No space left.'), { code: 'ENOSPC' });
  };
  return { ...fs, copyFileSync };
});

afterEach(cleanUp);

test('[L6] where a damaged log cannot be put aside, its writer stays the only one, and no part of a copy is left', async () => {
  const dir = tempDir();
  const kernel = await openKernel(dir);
  await add(kernel, 1, 1);
  await kernel.close();
  const now = Date.now();
  const writer = writerHandlers(dir);
  const { streams } = writer.open({ now });
  disk.full = true;
  expect(() => writer.repair({ now, reason: 'as a test says' })).toThrow('No space left.');
  expect(readdirSync(dir).filter((name) => name.startsWith('log.damaged-'))).toEqual([]);
  // It is still the one that is asked, and so will be closed before the next is opened.
  expect(writer.newEpoch({ stream: streams[0]?.number ?? 0, now })).toMatchObject({ head: 2 });
  disk.full = false;
  expect(writer.repair({ now, reason: 'as a test says' }).damage?.aside).not.toEqual([]);
  writer.close({ now });
});
