/** The emulator worker: a thread that reads the runs' output from their journals and keeps their screens (H5, H6, H7). */

import { readFileSync, readlinkSync } from 'node:fs';
import os from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { readResizes, segmentStarts } from '../../host/journal-files.ts';
import { Screen } from '../screen/screen.ts';
import { loadState } from '../screen/state.ts';
import { EmulatedRun } from './emulated-run.ts';
import type { FromWorker, ToWorker } from './emulator-messages.ts';
import { Doing } from './watch.ts';

const port = parentPort;
if (port === null) throw new Error('This file runs as a worker thread.');

/** Added to the thread's niceness: a keystroke on the main thread goes first. */
const NICE = 10;

const doing = new Doing(workerData as SharedArrayBuffer);
const runs = new Map<string, EmulatedRun>();
const numbers = new Map<string, number>();
let scheduled = false;

function send(message: FromWorker): void {
  if (!('data' in message)) {
    port?.postMessage(message);
    return;
  }
  // Bytes are moved; but small ones lie in a pool that is Node's own and cannot be moved.
  const { data } = message;
  const owned = data.byteLength === data.buffer.byteLength ? data : new Uint8Array(data);
  port?.postMessage({ ...message, data: owned }, [owned.buffer as ArrayBuffer]);
}

type Open = Extract<ToWorker, { type: 'open' }>;

function open(message: Open): void {
  const stored = message.statePath === undefined ? undefined : restore(message.statePath);
  const sizes = stored === undefined ? earlierSizes(message) : [];
  const first = sizes.shift();
  const screen = stored ?? new Screen(first === undefined ? message : { ...first, offset: first.at });
  runs.get(message.run)?.close();
  if (message.from !== undefined && message.from > screen.offset) screen.skipTo(message.from);
  const run = new EmulatedRun(message.run, message.dir, screen, send, () => doing.step());
  for (const { at, cols, rows, veiled = false } of sizes)
    run.take({ type: 'resize', run: message.run, at, cols, rows, veiled });
  runs.set(message.run, run);
  send({ type: 'opened', run: message.run, offset: screen.offset, restored: stored !== undefined });
}

/** A state may not be there, or be cut short or of another version. */
function restore(file: string): Screen | undefined {
  try {
    return loadState(readFileSync(file));
  } catch {
    return undefined;
  }
}

/** The sizes from the first byte that is to be read up to where the state would have ended, which need not be known. */
function earlierSizes({
  dir,
  offset,
  cols,
  rows,
  from = 0,
}: Open): { at: number; cols: number; rows: number; veiled?: boolean }[] {
  const start = Math.max(segmentStarts(dir)[0] ?? offset, from);
  if (start >= offset) return [];
  const sizes = readResizes(dir, start).filter(({ at }) => at < offset);
  const begin = sizes[0]?.at === start ? [] : [{ at: start, cols, rows }];
  return [...begin, ...sizes.map(({ at, cols, rows, veiled = false }) => ({ at, cols, rows, veiled }))];
}

function close(name: string): void {
  runs.get(name)?.close();
  runs.delete(name);
  numbers.delete(name);
}

/** Whatever a program's bytes do to one screen, the others go on. */
function guarded(name: string, act: () => void): void {
  doing.workFor(numbers.get(name) ?? 0);
  try {
    act();
  } catch (error) {
    close(name);
    send({ type: 'failed', run: name, message: (error as Error).message });
  }
  doing.workFor(0);
}

/** Gives each run that lags a slice, then lets messages in before the next round. */
function round(): void {
  scheduled = false;
  for (const [name, run] of runs) {
    if (run.busy) guarded(name, () => run.step());
    if (run.ended) close(name);
  }
  schedule();
}

function schedule(): void {
  if (scheduled || ![...runs.values()].some((run) => run.busy)) return;
  scheduled = true;
  setImmediate(round);
}

port.on('message', (message: ToWorker) => {
  doing.took();
  if (message.type === 'open') numbers.set(message.run, message.number);
  if (message.type === 'open') guarded(message.run, () => open(message));
  else if (message.type === 'close') close(message.run);
  else {
    const run = runs.get(message.run);
    if (run !== undefined) guarded(message.run, () => run.take(message));
    else if ('id' in message)
      send({ type: 'failed', run: message.run, id: message.id, message: 'no such run' });
  }
  schedule();
});

function lowerPriority(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    os.setPriority(thread, NICE);
  } catch {
    // Not Linux, or not permitted: the system shares the processor as it sees fit.
  }
}

// xterm.js says on the console when tidying up took it long; in a thread that yields to everyone it often does.
console.warn = () => {};
lowerPriority();
