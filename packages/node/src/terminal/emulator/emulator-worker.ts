/** The emulator worker: a thread that reads the runs' output from their journals and keeps their screens (H5, H6, H7). */

import { readFileSync, readlinkSync } from 'node:fs';
import os from 'node:os';
import { parentPort } from 'node:worker_threads';
import { Screen } from '../screen/screen.ts';
import { loadState } from '../screen/state.ts';
import { EmulatedRun } from './emulated-run.ts';
import type { FromWorker, ToWorker } from './emulator-messages.ts';

const port = parentPort;
if (port === null) throw new Error('This file runs as a worker thread.');

/** Added to the thread's niceness: a keystroke on the main thread goes first. */
const NICE = 10;

const runs = new Map<string, EmulatedRun>();
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

function open(message: Extract<ToWorker, { type: 'open' }>): void {
  const stored = message.statePath === undefined ? undefined : restore(message.statePath);
  const screen = stored ?? new Screen(message);
  runs.get(message.run)?.close();
  runs.set(message.run, new EmulatedRun(message.run, message.dir, screen, send));
  send({ type: 'opened', run: message.run, offset: screen.offset, restored: stored !== undefined });
}

/** A state that is not there, or was cut short or written by another version, costs only time. */
function restore(file: string): Screen | undefined {
  try {
    return loadState(readFileSync(file));
  } catch {
    return undefined;
  }
}

function close(name: string): void {
  runs.get(name)?.close();
  runs.delete(name);
}

/** Whatever a program's bytes do to one screen, the others go on. */
function guarded(name: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    close(name);
    send({ type: 'failed', run: name, message: (error as Error).message });
  }
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
