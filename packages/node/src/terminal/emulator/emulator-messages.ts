/** What the host's main thread and its emulator worker say to each other. Offsets count a run's output bytes from its start. */

import type { ErrorCode } from '@skein/protocol/errors';
import type { Modes } from '../screen/modes.ts';

/**
 * `paint`: what a viewer's real terminal of the same size shows next (ANSI, H5). `ansi`: history and screen as lines with
 * colours. `text`: the same without. `state`: everything, for `openState`; not for people.
 */
export type SnapshotKind = 'paint' | 'ansi' | 'text' | 'state';

/** What the query that ended at `offset` is answered with, as latin1; or, unasked, what is to be said of the size from there on. */
export interface Answer {
  offset: number;
  text: string;
  unasked?: true;
}

/** Main thread to worker. Messages are taken in order; none is answered before the bytes it speaks of are consumed. */
export type ToWorker =
  | {
      type: 'open';
      run: string;
      /** By which the watch knows the run; never 0. */
      number: number;
      /** Directory of the run's journal segments, `<16-digit start offset>.raw`. */
      dir: string;
      cols: number;
      rows: number;
      /** Where the stored state ends, or the journal begins. */
      offset: number;
      /** What the journal has before it is passed over. */
      from?: number;
      /**
       * A state stored by `idle`: restored first, and reading goes on from its own offset. Without one that can be used, it
       * begins with the journal.
       */
      statePath?: string;
    }
  /** Bytes before `to` are on disk. */
  | { type: 'advance'; run: string; to: number }
  /** Bytes that are not on disk, because it is full. They need no `advance`. */
  | { type: 'bytes'; run: string; offset: number; data: Uint8Array }
  /** The size from byte `at` on; sent before the first `advance` past `at`, else applied at once. */
  | { type: 'resize'; run: string; at: number; cols: number; rows: number; veiled: boolean }
  | { type: 'snapshot'; run: string; id: number; kind: SnapshotKind; history: number }
  | { type: 'viewer'; run: string; viewer: string; cols: number; rows: number }
  | { type: 'viewerGone'; run: string; viewer: string }
  | { type: 'frameConsumed'; run: string; viewer: string }
  /** Store the state at `statePath` and forget the run. */
  | { type: 'idle'; run: string; id: number; statePath: string }
  | { type: 'close'; run: string };

/** Worker to main thread. */
export type FromWorker =
  | { type: 'opened'; run: string; offset: number; restored: boolean }
  /** What queries are answered with, in order. All of one turn come together: a program may ask without end. */
  | { type: 'answers'; run: string; answers: Answer[] }
  | {
      type: 'snapshot';
      id: number;
      offset: number;
      cols: number;
      rows: number;
      modes: Modes;
      data: Uint8Array;
    }
  | { type: 'frame'; run: string; viewer: string; offset: number; data: Uint8Array }
  | { type: 'progress'; run: string; offset: number }
  | { type: 'gap'; run: string; from: number; to: number }
  | { type: 'idle'; id: number; offset: number }
  | { type: 'failed'; run: string; id?: number; message: string; code?: ErrorCode };
