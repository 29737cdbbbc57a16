/** What a program on pipes prints is never lost: it waits until what it printed is durable elsewhere (rule H2). */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TestViewer } from './fixture.ts';
import { TestHost } from './fixture.ts';
import { SEGMENT_BYTES, segmentFile, segmentStarts } from './journal-files.ts';
import { runDir } from './run-files.ts';

const MiB = 1024 * 1024;
/** Bytes that are read and under way before a pipe is stopped. */
const SLACK = MiB;

let host: TestHost;
beforeEach(async () => {
  host = await TestHost.start();
});
afterEach(async () => {
  await host.stop();
});

const journalOf = (run: string) => path.join(runDir(host.home, run), 'journal');
const bytesOn = (run: string) => {
  const files = segmentStarts(journalOf(run)).map((start) => segmentFile(journalOf(run), start));
  return files.reduce((sum, file) => sum + fs.statSync(file).size, 0);
};
const headOf = async () => (await host.control.request('list', {})).runs[0]?.head ?? 0;

/** Resolves when a program has printed nothing more for a while, and is told how much it has. */
async function stalled(): Promise<number> {
  for (let head = -1; ; ) {
    const now = await headOf();
    if (now === head) return now;
    head = now;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

/** Lines of a number each, `width` bytes long. */
const numbers = (count: number) => ['awk', `BEGIN { for (i = 0; i < ${count}; i++) printf "%07d\\n", i }`];

/** Holds that what a viewer is given are the numbers in order, each once. Returns up to where all was right. */
function counting(viewer: TestViewer, begin = 0): { right: () => number } {
  let right = begin;
  const heard = (offset: number, bytes: Uint8Array) => {
    const from = Math.floor(offset / 8);
    const count = Math.ceil((offset + bytes.length) / 8) - from;
    let wanted = '';
    for (let i = from; i < from + count; i++) wanted += `${String(i).padStart(7, '0')}\n`;
    const at = offset - from * 8;
    if (offset === right && wanted.slice(at, at + bytes.length) === Buffer.from(bytes).toString('latin1'))
      right += bytes.length;
  };
  // What came together with its welcome.
  heard(viewer.first ?? begin, Buffer.from(viewer.output, 'latin1'));
  viewer.collect = false;
  viewer.heard = heard;
  return { right: () => right };
}

describe("a pipe's journal", () => {
  test('[H2] keeps all that is not known to be durable elsewhere, and lets go of what is', async () => {
    const size = 3 * SEGMENT_BYTES;
    const run = await host.pipe(numbers(size / 8), { journalBytes: 16 * MiB });
    await host.exited(run);
    expect(bytesOn(run)).toBe(size);
    const driver = await host.drive(run);
    const reader = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    for (const viewer of [driver, reader]) {
      const { right } = counting(viewer);
      await viewer.until(() => viewer.closed);
      expect(right()).toBe(size);
    }
  });

  test('[H2] goes behind what is kept elsewhere while the program prints', async () => {
    const total = 6 * SEGMENT_BYTES;
    const run = await host.pipe(['sh', '-c', `${shell(numbers(total / 8))}; read x`]);
    const driver = await host.drive(run);
    const { right } = counting(driver);
    await driver.until(() => right() === total);
    await expect.poll(() => bytesOn(run), { timeout: 5000 }).toBe(total);
    const kept = 3 * SEGMENT_BYTES - 100;
    driver.kept(kept);
    // A request behind it on the same socket is not to be had; what is typed comes after it.
    driver.type('\n', 0);
    await host.exited(run);
    const first = segmentStarts(journalOf(run))[0] ?? 0;
    expect(first).toBeLessThanOrEqual(kept);
    expect(first + SEGMENT_BYTES).toBeGreaterThan(kept - SEGMENT_BYTES);
    expect(first).toBeGreaterThan(0);
    const late = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    await late.until(() => late.closed);
    expect(late.gaps).toEqual([{ from: 0, to: first }]);
    expect(late.output.length).toBe(total - first);
  });

  test('[H2] who may only read cannot make it forget', async () => {
    const run = await host.pipe(['cat']);
    const reader = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    reader.kept(10);
    await reader.until(() => reader.closed);
    expect(reader.error).toMatchObject({ code: 'not_allowed' });
  });

  test('[H2] full, it stops the program, and goes on as there is room; nothing is lost or twice', async () => {
    const total = 12 * MiB;
    const run = await host.pipe(numbers(total / 8), { journalBytes: 2 * MiB });
    const driver = await host.drive(run);
    const { right } = counting(driver);
    const head = await stalled();
    expect(head).toBeGreaterThanOrEqual(2 * MiB);
    expect(head).toBeLessThan(2 * MiB + SLACK);
    // Kept little by little, and no more than asked for.
    for (let kept = MiB; kept <= 4 * MiB; kept += MiB) {
      driver.kept(kept);
      await driver.until(() => right() >= kept + 2 * MiB);
      expect((await headOf()) - kept).toBeLessThan(2 * MiB + SLACK);
    }
    driver.heard = wrap(driver, () => driver.kept(driver.next));
    driver.kept(driver.next);
    await driver.until(() => driver.closed);
    expect(right()).toBe(total);
    expect(driver.gaps).toEqual([]);
  });

  test('[C2] one that is read slowly is not far ahead of its reader, and may run ahead when that is gone', async () => {
    const run = await host.pipe(numbers(4 * MiB), { journalBytes: 8 * MiB });
    const driver = await host.drive(run);
    driver.collect = false;
    driver.consume = false;
    const head = await stalled();
    expect(head).toBeLessThan(MiB + SLACK);
    driver.close();
    const further = await stalled();
    expect(further).toBeGreaterThanOrEqual(8 * MiB);
  });

  test('[H2] a program that prints without end takes bounded memory and disk', async () => {
    const total = 256 * MiB;
    const run = await host.pipe(['head', '-c', String(total), '/dev/zero'], { journalBytes: 8 * MiB });
    const driver = await host.drive(run);
    driver.collect = false;
    let most = 0;
    let reported = 0;
    driver.heard = (offset, bytes) => {
      const end = offset + bytes.length;
      if (end - reported < MiB) return;
      reported = end;
      driver.kept(end);
      most = Math.max(most, bytesOn(run));
    };
    const before = process.memoryUsage();
    await driver.until(() => driver.closed);
    expect(driver.exit).toEqual({ code: 0, signal: null, offset: total });
    expect(driver.next).toBe(total);
    expect(driver.misplaced).toBe(0);
    expect(most).toBeLessThan(8 * MiB + 2 * SEGMENT_BYTES + SLACK);
    const after = process.memoryUsage();
    expect(after.rss - before.rss).toBeLessThan(128 * MiB);
  });

  test('[H2] its driver is killed again and again in mid-transfer, and the next goes on where it was', async () => {
    const total = 16 * MiB;
    const run = await host.pipe(numbers(total / 8), { journalBytes: MiB });
    let durable = 0;
    for (let turn = 1; durable < total; turn++) {
      const driver = await host.drive(run, durable);
      const { right } = counting(driver, durable);
      driver.heard = wrap(driver, () => {
        // A part of what it has in hand is durable; the rest dies with it.
        durable = Math.max(durable, right() - 40_000 * (turn % 3));
        driver.kept(durable);
      });
      const enough = Math.min(total, durable + turn * 300_000);
      await driver.until(() => right() >= enough || driver.closed);
      driver.close();
      expect(right()).toBe(driver.next);
      expect(driver.gaps).toEqual([]);
      if (right() === total) durable = total;
    }
    expect(await host.exited(run)).toMatchObject({ code: 0, bytes: total });
  });

  test('[H2] a disk that refuses stops the program, and nothing is lost when it takes writes again', async () => {
    const total = 8 * MiB;
    const run = await host.pipe(['sh', '-c', `read x; ${shell(numbers(total / 8))}`]);
    const dir = journalOf(run);
    fs.rmSync(dir, { recursive: true });
    fs.writeFileSync(dir, '');
    const driver = await host.drive(run);
    const { right } = counting(driver);
    driver.type('\n', 0);
    await driver.until(() => driver.next > 0);
    const head = await stalled();
    expect(head).toBeGreaterThan(0);
    expect(head).toBeLessThan(SLACK);
    await driver.until(() => right() === head);
    fs.rmSync(dir);
    fs.mkdirSync(dir);
    await driver.until(() => driver.closed);
    expect(right()).toBe(total);
    expect(bytesOn(run)).toBe(total);
    expect(driver.gaps).toEqual([]);
  });

  test('[H2] a program that ends while the disk refuses is told to have ended once all it printed is on disk', async () => {
    const run = await host.pipe(['sh', '-c', 'read x; echo last words']);
    const dir = journalOf(run);
    fs.rmSync(dir, { recursive: true });
    fs.writeFileSync(dir, '');
    const driver = await host.drive(run);
    driver.type('\n', 0);
    await driver.until(() => driver.output === 'last words\n');
    await stalled();
    expect(driver.exit).toBeUndefined();
    fs.rmSync(dir);
    fs.mkdirSync(dir);
    await driver.until(() => driver.closed);
    expect(driver.exit).toMatchObject({ code: 0, offset: 11 });
    expect(bytesOn(run)).toBe(11);
  });
});

function shell(argv: string[]): string {
  return argv.map((word) => `'${word}'`).join(' ');
}

function wrap(viewer: TestViewer, after: () => void): (offset: number, bytes: Uint8Array) => void {
  const before = viewer.heard;
  return (offset, bytes) => {
    before?.(offset, bytes);
    after();
  };
}
