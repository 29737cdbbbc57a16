/**
 * The host's handle on its emulator worker: one thread that keeps the screens of all runs, off the path of the bytes (H5).
 * The thread starts when the first run opens and ends when none is open.
 */

import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { SkeinError } from '@skein/protocol/errors';
import type { FromWorker, SnapshotKind, ToWorker } from './emulator-messages.ts';
import type { Modes } from './modes.ts';

/** Set by the bundler; absent when the sources run as they are. */
declare const __SKEIN_BUNDLE__: boolean | undefined;

export interface OpenRun {
  /** The run's id. */
  run: string;
  /** Directory of its journal segments. */
  dir: string;
  cols: number;
  rows: number;
  /** Where to begin reading when there is no usable stored state. */
  offset: number;
  /** A state stored by `idle`. A missing or damaged one is no error: reading begins at `offset`. */
  statePath?: string;
}

export interface TakenSnapshot {
  /** The bytes before it are in the snapshot, none after; always between two sequences. */
  offset: number;
  cols: number;
  rows: number;
  modes: Modes;
  data: Uint8Array;
}

/** What the worker tells unasked. Never called after `close` or `idle` of that run. */
export interface EmulatorEvents {
  /** The emulator's answer to a query that ended at `offset` (H7). */
  answer?(run: string, offset: number, data: Uint8Array): void;
  /** A frame for a rendered viewer; the next comes only after `frameConsumed` (H6). */
  frame?(run: string, viewer: string, data: Uint8Array, offset: number): void;
  /** How far a run is consumed; at most every 100 ms. */
  progress?(run: string, offset: number): void;
  title?(run: string, title: string): void;
  /** Bytes were gone from the journal before they were read. */
  gap?(run: string, from: number, to: number): void;
  /** The worker or a screen failed: these runs are closed and may be opened again. */
  lost?(runs: string[], error: SkeinError): void;
}

export interface EmulatorOptions {
  events: EmulatorEvents;
  /** The bundled worker's source text, for a host that reads no file after its start (H1). */
  source?: string;
}

type Waiting = { run: string; resolve(message: FromWorker): void; reject(error: SkeinError): void };

export class Emulator {
  readonly #events: EmulatorEvents;
  readonly #source: string | undefined;
  #worker: Worker | undefined;
  #nextId = 1;
  readonly #open = new Map<string, { opened: Waiting }>();
  readonly #waiting = new Map<number, Waiting>();

  constructor(options: EmulatorOptions) {
    this.#events = options.events;
    this.#source = options.source;
  }

  /** Begins to follow a run. Resolves with where reading began; other calls need not wait for it. */
  async open(options: OpenRun): Promise<{ offset: number; restored: boolean }> {
    throw new SkeinError('internal', `not yet: ${options.run}`);
  }

  /** Bytes before `to` are in the journal. */
  advance(run: string, to: number): void {
    this.#send({ type: 'advance', run, to });
  }

  /** Bytes that the journal does not have. `data` is copied. */
  bytes(run: string, offset: number, data: Uint8Array): void {
    this.#send({ type: 'bytes', run, offset, data });
  }

  /** The program's size from byte `at` on. Send it before advancing past `at`. */
  resize(run: string, at: number, cols: number, rows: number): void {
    this.#send({ type: 'resize', run, at, cols, rows });
  }

  /** The screen after everything advanced so far. `history` is how many scrollback lines `ansi` and `text` begin with. */
  async snapshot(run: string, kind: SnapshotKind, history = 0): Promise<TakenSnapshot> {
    throw new SkeinError('internal', `not yet: ${run} ${kind} ${history}`);
  }

  /** Adds a rendered viewer, or changes its size; the next frame repaints all of it. One frame of credit is granted. */
  viewer(run: string, viewer: string, cols: number, rows: number): void {
    this.#send({ type: 'viewer', run, viewer, cols, rows });
  }

  removeViewer(run: string, viewer: string): void {
    this.#send({ type: 'viewerGone', run, viewer });
  }

  /** The viewer took its last frame; it may have another. */
  frameConsumed(run: string, viewer: string): void {
    this.#send({ type: 'frameConsumed', run, viewer });
  }

  /** Consumes what was advanced, stores the state at `statePath` (0600, atomically), closes the run. Resolves with its offset. */
  async idle(run: string, statePath: string): Promise<number> {
    throw new SkeinError('internal', `not yet: ${run} ${statePath}`);
  }

  /** Forgets a run. */
  close(run: string): void {
    this.#send({ type: 'close', run });
  }

  /** Ends the worker, and refuses what is still waiting. */
  async stop(): Promise<void> {
    await this.#worker?.terminate();
  }

  /** Whether the worker thread is alive; for tests and diagnostics. */
  get running(): boolean {
    return this.#worker !== undefined;
  }

  #send(message: ToWorker): void {
    this.#worker?.postMessage(message);
    void [this.#events, this.#source, this.#nextId, this.#open, this.#waiting, path];
    void typeof __SKEIN_BUNDLE__;
  }
}
