/** What the emulator is given, what it gives, and what it tells unasked. */

import type { SkeinError } from '@skein/protocol/errors';
import type { Modes } from '../screen/modes.ts';
import type { Answer } from './emulator-messages.ts';

export interface OpenRun {
  /** The run's id. */
  run: string;
  /** Directory of its journal segments. */
  dir: string;
  cols: number;
  rows: number;
  /** Where the stored state ends, or the journal begins. */
  offset: number;
  /** What the journal has before it is passed over; by default nothing is. */
  from?: number;
  /** A state stored by `idle`. A missing or damaged one is no error: reading begins with the journal. */
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
  /** The emulator's answers to queries (H7). */
  answers?(run: string, answers: Answer[]): void;
  /** A frame for a rendered viewer; the next comes only after `frameConsumed` (H6). */
  frame?(run: string, viewer: string, data: Uint8Array, offset: number): void;
  /** How far a run is consumed; at most every 100 ms. */
  progress?(run: string, offset: number): void;
  /** Bytes were gone from the journal before they were read. */
  gap?(run: string, from: number, to: number): void;
  /**
   * The worker or a screen failed: these runs are closed and may be opened again; but not the `culprit`, of whose output the
   * thread made no end, or ran out of memory.
   */
  lost?(runs: string[], error: SkeinError, culprit?: string): void;
}

export interface EmulatorOptions {
  events: EmulatorEvents;
  /** The bundled worker's source text, for a host that reads no file after its start (H1). */
  source?: string;
  /** Milliseconds between two looks at whether the thread gets on. */
  lookEvery?: number;
}
