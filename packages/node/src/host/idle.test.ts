/** A program that was silent for long, so that its screen is on disk: what happens as it wakes (rules H5, H7). */
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { SkeinError } from '@skein/protocol/errors';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Emulator } from '../terminal/emulator/emulator.ts';
import { TestHost } from './fixture.ts';
import { fullDisk } from './full-disk.fixture.ts';
import { SEGMENT_BYTES } from './journal-files.ts';

const MiB = 1024 * 1024;

let host: TestHost;
beforeEach(async () => {
  host = await TestHost.start();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await host.stop();
});

/** Asks where its cursor is whenever its terminal is resized, and prints what it is told. */
const ASKS = `process.stdin.setRawMode(true);
process.stdin.on('data', (told) => process.stdout.write(JSON.stringify(String(told))));
process.on('SIGWINCH', () => process.stdout.write('\\x1b[6n'));
process.stdout.write('ready');`;

const stored = (run: string) =>
  vi.waitFor(() => expect(fs.existsSync(path.join(host.home, 'runs', run, 'screen'))).toBe(true), {
    timeout: 15_000,
    interval: 50,
  });

test('a query asked before the first paint is answered; a lost emulator comes back at the present size', async () => {
  const workers = new Set<Worker>();
  const post = Worker.prototype.postMessage;
  vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, ...all) {
    workers.add(this);
    return post.apply(this, all as Parameters<typeof post>);
  });
  const asks = await host.run([process.execPath, '-e', ASKS]);
  const silent = await host.run(['sh', '-c', 'echo ready; exec cat'], { cols: 80, rows: 24 });
  await Promise.all([stored(asks), stored(silent)]);

  const viewer = await host.view(asks, { cols: 100, rows: 30 });
  const screen = () => host.control.request('screen', { run: asks, form: 'text', history: 0 });
  await vi.waitFor(
    async () => expect(Buffer.from((await screen()).data).toString()).toContain('1;6R'),
    10_000,
  );
  viewer.close();

  await host.control.request('resize', { run: silent, cols: 100, rows: 30 });
  const size = async () => {
    const { cols, rows } = await host.control.request('screen', { run: silent, form: 'text', history: 0 });
    return [cols, rows];
  };
  expect(await size()).toEqual([100, 30]);
  for (const worker of workers) await worker.terminate();
  await vi.waitFor(async () => expect(await size()).toEqual([100, 30]), 10_000);
}, 40_000);

test('[H5] a screen that was looked at goes to disk again; one whose stored state is gone is read from the journal', async () => {
  const run = await host.run(['sh', '-c', 'echo one line; exec cat']);
  const file = path.join(host.home, 'runs', run, 'screen');
  const text = async () =>
    Buffer.from((await host.control.request('screen', { run, form: 'text', history: 0 })).data).toString();
  await stored(run);
  const { mtimeMs } = fs.statSync(file);
  expect(await text()).toContain('one line');
  await vi.waitFor(() => expect(fs.statSync(file).mtimeMs).toBeGreaterThan(mtimeMs), {
    timeout: 15_000,
    interval: 50,
  });
  fs.rmSync(file);
  expect(await text()).toContain('one line');
}, 40_000);

test('[H5] a screen goes to disk once, though its program stopped in the middle of a sequence', async () => {
  const stores = vi.spyOn(Emulator.prototype, 'idle');
  const wakes = vi.spyOn(Emulator.prototype, 'open');
  const run = await host.run(['sh', '-c', "printf 'one\\033[3'; read rest; printf '1mtwo'; exec cat"]);
  await stored(run);
  await Promise.all(stores.mock.results.map(({ value }) => value));
  const screen = () => host.control.request('screen', { run, form: 'ansi', history: 0 });
  expect(wakes).toHaveBeenCalledTimes(1);
  const viewer = await host.view(run);
  viewer.type('\n', 0);
  await vi.waitFor(async () =>
    expect(Buffer.from((await screen()).data).toString()).toContain('\x1b[0;31mtwo'),
  );
  viewer.close();
}, 40_000);

test.each([
  ['is there', true],
  ['cannot be written', false],
])(
  '[H5] what is printed while a screen goes to disk is on it, though the disk is full: the state %s',
  async (_, written) => {
    const run = await host.run(['sh', '-c', 'echo one; read x; echo two; exec cat']);
    const { idle } = Emulator.prototype;
    const gate = Promise.withResolvers<void>();
    const stores = vi.spyOn(Emulator.prototype, 'idle').mockImplementation(async function (
      this: Emulator,
      ...all
    ) {
      const offset = written ? await idle.apply(this, all) : 0;
      await gate.promise;
      if (written) return offset;
      throw new SkeinError('internal', 'no space left');
    });
    await vi.waitFor(() => expect(stores).toHaveBeenCalled(), { timeout: 15_000, interval: 50 });
    const room = fullDisk();
    const viewer = await host.view(run, { view: 'bytes', from: 0 });
    viewer.type('\n', 0);
    await viewer.until(() => viewer.output.includes('two'));
    await vi.waitFor(() => expect(fs.writev).toHaveBeenCalled());
    gate.resolve();
    const screen = await host.control.request('screen', { run, form: 'text', history: 0 });
    expect(Buffer.from(screen.data).toString()).toContain('one\n\ntwo');
    room();
  },
  40_000,
);

test('[H1] [H5] a lost emulator does not read all of a large journal again, for which its program would wait', async () => {
  const workers = new Set<Worker>();
  const post = Worker.prototype.postMessage;
  vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, ...all) {
    workers.add(this);
    return post.apply(this, all as Parameters<typeof post>);
  });
  const opens = vi.spyOn(Emulator.prototype, 'open');
  const size = 80 * MiB;
  const flood = `yes 0123456789012345678901234567890123456789 | head -c ${size}; echo; echo printed; exec cat`;
  const run = await host.run(['sh', '-c', flood], { journalBytes: 1024 * MiB });
  const screen = async () => (await host.control.request('screen', { run, form: 'text', history: 0 })).data;
  await vi.waitFor(async () => expect(await screen()).toContain('printed'), {
    timeout: 60_000,
    interval: 200,
  });
  for (const worker of workers) await worker.terminate();
  await vi.waitFor(async () => expect(await screen()).toContain('printed'), {
    timeout: 60_000,
    interval: 200,
  });
  const again = await opens.mock.results[1]?.value;
  expect(again?.restored).toBe(false);
  expect(again?.offset).toBeGreaterThan(size - 64 * MiB - 2 * SEGMENT_BYTES);
}, 120_000);
