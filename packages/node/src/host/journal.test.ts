/** A journal whose files cannot be read for a while: what is there is no gap, for no reader; and what an index takes (rule H2). */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { JournalReader } from '../terminal/emulator/journal-reader.ts';
import { TestHost } from './fixture.ts';
import { fullDisk } from './full-disk.fixture.ts';
import { Journal } from './journal.ts';
import {
  INDEX_BYTES,
  journalHead,
  readJournal,
  readResizes,
  SEGMENT_BYTES,
  segmentFile,
  segmentStarts,
} from './journal-files.ts';

/** More than is kept in memory for readers. */
const SIZE = 1024 * 1024;

let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'sk-journal-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(dir, { recursive: true, force: true });
});

/** Has a call fail on what is in a journal, as often as is said. */
function failing(call: 'readdirSync' | 'statSync' | 'openSync', within: string, times: number): void {
  const real = fs[call] as (...all: unknown[]) => unknown;
  vi.spyOn(fs, call).mockImplementation(((file: unknown, ...rest: unknown[]) => {
    if (!String(file).startsWith(within) || times-- <= 0) return real(file, ...rest);
    throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
  }) as never);
}

test.each(['readdirSync', 'statSync', 'openSync'] as const)(
  '[H2] what cannot be read since %s fails is not said to be lost, nor to have ended',
  async (call) => {
    const nothing = () => {};
    const events = { written: nothing, refusing: nothing, gap: nothing, consumed: () => 0 };
    const journal = new Journal(dir, { limit: 0, lossless: true }, events);
    for (let at = 0; at < SIZE; at += 64 * 1024) journal.append(new Uint8Array(64 * 1024));
    await journal.flushed();
    failing(call, dir, 3);
    if (call === 'openSync') expect(journal.read(0, 10)).toEqual({ kind: 'later' });
    expect(() => readJournal(dir, SIZE, 10)).toThrow('too many open files');
    if (call !== 'openSync') expect(() => journalHead(dir)).toThrow('too many open files');
    vi.restoreAllMocks();
    expect(journal.read(0, 10)).toMatchObject({ kind: 'bytes', offset: 0 });
    expect(journalHead(dir)).toBe(SIZE);
    await journal.close();
  },
);

test('[H2] a program that prints on while the disk is full leaves no file for each time that it is tried', async () => {
  const tries = vi.fn();
  const room = fullDisk();
  const events = { written: () => {}, refusing: () => {}, gap: tries, consumed: () => 0 };
  const journal = new Journal(dir, { limit: SIZE, size: [80, 24] }, events);
  const printed = setInterval(() => journal.append(new Uint8Array(SIZE)), 20);
  await vi.waitFor(() => expect(fs.writev).toHaveBeenCalledTimes(4), 10_000);
  clearInterval(printed);
  expect(fs.readdirSync(dir)).toEqual([]);
  room();
  await vi.waitFor(() => expect(journal.pending).toBe(0), 10_000);
  expect(fs.readdirSync(dir)).toHaveLength(2);
  expect(readResizes(dir, 0)).toMatchObject([{ at: journal.head - SIZE, cols: 80, rows: 24 }]);
  await journal.close();
});

test('[H2] what a full disk did not take of a journal that is closed is a gap, unless it takes it then', async () => {
  const room = fullDisk();
  const events = { written: () => {}, refusing: () => {}, gap: () => {}, consumed: () => 0 };
  const journal = new Journal(dir, { limit: SIZE, size: [80, 24] }, events);
  journal.append(new Uint8Array(10));
  await journal.flushed();
  await journal.close();
  expect(readJournal(dir, 0, 99)).toEqual({ kind: 'gap', from: 0, to: 10 });
  expect(readJournal(dir, 10, 99)).toEqual({ kind: 'end', head: 10 });
  room();
  await journal.settled();
  expect(readJournal(dir, 0, 99)).toMatchObject({ kind: 'bytes', offset: 0, bytes: new Uint8Array(10) });
  expect(readJournal(dir, 10, 99)).toEqual({ kind: 'end', head: 10 });
});

test('[H2] a reader waits for what cannot be read just now, and gets all of it', async () => {
  const host = await TestHost.start();
  try {
    const run = await host.pipe(['sh', '-c', `head -c ${SIZE} /dev/zero`]);
    await host.exited(run);
    failing('readdirSync', path.join(host.home, 'runs', run), 2);
    const reader = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    await reader.until(() => reader.closed);
    expect(reader.gaps).toEqual([]);
    expect(reader.output.length).toBe(SIZE);
  } finally {
    await host.stop();
  }
});

test('[H5] the emulator does not skip what it cannot read', () => {
  const loop = segmentFile(dir, 0);
  fs.symlinkSync(loop, loop);
  const reader = new JournalReader(dir);
  expect(() => reader.read(0, 10)).toThrow('ELOOP');
  expect(() => new JournalReader(loop).read(0, 10)).toThrow('ELOOP');
  expect(new JournalReader(path.join(dir, 'none')).read(0, 10)).toBeUndefined();
});

test('[H2] what tells of times and sizes counts for the limit too, and is in pieces that are soon read', async () => {
  const limit = 2 * INDEX_BYTES;
  const nothing = () => {};
  const events = {
    written: nothing,
    refusing: nothing,
    gap: nothing,
    consumed: () => Number.MAX_SAFE_INTEGER,
  };
  const journal = new Journal(dir, { limit, size: [80, 24] }, events);
  for (let piece = 0; piece < 40; piece++) {
    for (let i = 0; i < 5_000; i++) journal.resize(80 + (i % 100), 24);
    journal.append(new Uint8Array(10));
    await journal.flushed();
  }
  const sizes = fs.readdirSync(dir).map((name) => fs.statSync(path.join(dir, name)).size);
  // The newest is not dropped, and the last that is written to a segment may go beyond what it should take.
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(limit + 2 * INDEX_BYTES);
  expect(Math.max(...sizes)).toBeLessThan(1.5 * INDEX_BYTES);
  expect(readResizes(dir, journal.head - 10).length).toBeLessThanOrEqual(5_001);
  expect(readJournal(dir, journal.head - 10, 10)).toMatchObject({ kind: 'bytes', offset: 390 });
  expect(journalHead(dir)).toBe(400);
  await journal.close();
});

test('[H2] a reader that is far behind in a large journal has nobody wait while all of its files are looked at', async () => {
  const size = SEGMENT_BYTES / 4;
  const nothing = () => {};
  const events = { written: nothing, refusing: nothing, gap: nothing, consumed: () => 0 };
  const journal = new Journal(dir, { limit: 0, lossless: true }, events);
  for (let i = 0; i < 12; i++) {
    journal.append(new Uint8Array(size).fill(i));
    await journal.flushed();
  }
  expect(segmentStarts(dir)).toEqual([0, SEGMENT_BYTES, 2 * SEGMENT_BYTES]);
  const listed = vi.spyOn(fs, 'readdirSync');
  // Two readers at once, and one after the program's end, across all of the segments.
  let segment = 0;
  for (let at = 0; at < 11 * size; at += size) {
    const back = 10 * size - at;
    expect(journal.read(at, 10)).toMatchObject({ offset: at, bytes: new Uint8Array(10).fill(at / size) });
    expect(journal.read(back, 10)).toMatchObject({
      offset: back,
      bytes: new Uint8Array(10).fill(back / size),
    });
    const found = readJournal(dir, at, size, segment);
    expect(found).toMatchObject({ kind: 'bytes', offset: at, bytes: { length: size } });
    if (found.kind === 'bytes') segment = found.segment;
  }
  expect(listed).not.toHaveBeenCalled();
  await journal.close();
});
