/** What must hold of anchors on a disk that is full, or nearly (L6). */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cleanUp, tempDir } from '../counter.fixture.ts';
import { type Anchor, Anchors } from './anchors.ts';

/** Bytes that the disk still takes. */
const disk = vi.hoisted(() => ({ room: 0 }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  // As a disk does: a part is taken while there is room for one.
  const writeSync = (fd: number, data: string | Uint8Array, at = 0) => {
    const bytes = Buffer.from(data).subarray(at, at + disk.room);
    if (bytes.length === 0) throw Object.assign(new Error('No space left.'), { code: 'ENOSPC' });
    disk.room -= bytes.length;
    return fs.writeSync(fd, bytes);
  };
  return { ...fs, writeSync, default: { ...fs, writeSync } };
});

beforeEach(() => {
  disk.room = Number.POSITIVE_INFINITY;
});

afterEach(cleanUp);

const full = expect.objectContaining({ code: 'ENOSPC' });

const anchor = (n: number, offset = 5): Anchor => {
  return { stream: `session/${n}`, epoch: 1, offset, hash: 'ab'.repeat(32), time: 1 };
};

const many = Array.from({ length: 40 }, (_, n) => anchor(n));

test('[L6] no anchor is lost where there is no room to write them anew', () => {
  const dir = tempDir();
  const anchors = new Anchors(dir);
  anchors.append(many);
  disk.room = 1000;
  const kept = new Set(many.slice(1).map(({ stream }) => stream));
  expect(() => anchors.keepOnly(kept)).toThrow(full);
  expect(new Anchors(dir)).toMatchObject({ broken: 0 });
  expect(new Anchors(dir).all()).toEqual(many);
  expect(anchors.all()).toEqual(many);
  disk.room = Number.POSITIVE_INFINITY;
  anchors.keepOnly(kept);
  expect(new Anchors(dir).all()).toEqual(many.slice(1));
});

test('[L6] an anchor that was written in part is refused, and costs none that comes after it', () => {
  const dir = tempDir();
  const anchors = new Anchors(dir);
  anchors.append(many);
  disk.room = 30;
  expect(() => anchors.append([anchor(0, 6)])).toThrow(full);
  expect(new Anchors(dir).all()).toEqual(many);
  disk.room = Number.POSITIVE_INFINITY;
  anchors.append([anchor(1, 7)]);
  const found = new Anchors(dir);
  expect([found.get('session/0'), found.get('session/1')]).toEqual([anchor(0, 6), anchor(1, 7)]);
  expect(found.broken).toBe(0);
});

test('[L6] with more streams than fit in the bytes at which it is written anew, the file is not so each time', () => {
  const dir = tempDir();
  const anchors = new Anchors(dir);
  anchors.append(Array.from({ length: 9_000 }, (_, n) => anchor(n)));
  anchors.append([anchor(0, 6)]);
  const file = () => statSync(join(dir, 'anchors.log')).ino;
  const before = file();
  for (let offset = 7; offset < 12; offset += 1) anchors.append([anchor(0, offset)]);
  expect(file()).toBe(before);
  // It stays bounded all the same.
  for (let round = 0; round < 3; round += 1)
    anchors.append(Array.from({ length: 9_000 }, (_, n) => anchor(n, 12)));
  expect(file()).not.toBe(before);
  expect(new Anchors(dir)).toMatchObject({ broken: 0 });
  expect(new Anchors(dir).get('session/0')?.offset).toBe(12);
});
