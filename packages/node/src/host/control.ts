/** What the node may ask of a host: bodies and answers. This only grows (rule H1). */

import type { HostKind } from '@skein/protocol/host/kind';
import { columns, rows } from '@skein/protocol/sessions/commands';
import * as z from 'zod';
import type { Typed, Typist } from './typing.ts';

const id = z.string().min(1).max(64);

/** A program to start. `journalBytes`: what may be kept of its output (H2). */
const program = z.object({
  run: id,
  argv: z.array(z.string()).min(1),
  cwd: z.string(),
  env: z.record(z.string(), z.string()),
  journalBytes: z.int().min(1024).optional(),
});

export const controls = {
  /** Without a kind on a PTY, as hosts that knew no other do it. */
  start: z.discriminatedUnion('kind', [
    program.extend({ kind: z.literal('pty').optional(), cols: columns, rows }),
    program.extend({ kind: z.literal('pipe') }),
  ]),
  list: z.object({}),
  right: z.object({
    hash: z.string(),
    run: id,
    role: z.enum(['read', 'write']),
    /** Whose the right is, in words that only the node understands. */
    who: z.string().max(128).optional(),
    /** The first byte of output that its holder may read. */
    floor: z.int().min(0).optional(),
  }),
  signal: z.object({ run: id, signal: z.string() }),
  screen: z.object({ run: id, form: z.enum(['text', 'ansi']), history: z.int().min(0) }),
  /** `veiled`: for somebody who may not see what had left the screen before, so that a taller one does not bring it back. */
  resize: z.object({ run: id, cols: columns, rows, veiled: z.boolean().optional() }),
  /** The node has recorded the run's end: the host forgets it. */
  reap: z.object({ run: id }),
  /** Takes no new runs, and ends with its last one. */
  drain: z.object({}),
  /** Ends every run, and the host. */
  shutdown: z.object({}),
};
export type ControlBodies = { [K in keyof typeof controls]: z.infer<(typeof controls)[K]> };

export interface HostedRunInfo {
  run: string;
  pid: number;
  start: string;
  attached: number;
  cols: number;
  rows: number;
  /** The length of its output so far. Absent from hosts that did not tell yet, as what follows is. */
  head?: number;
  /** Whose terminals show it: one entry a terminal. */
  who?: string[];
  /** Whose input came last, and the length of the output then. */
  typed?: Typed;
  /** Each who typed since the node was told of it, the last one last. */
  typists?: Typist[];
  exit: { code: number | null; signal: number | null; bytes: number; stderr?: string } | null;
  /** Absent of a PTY. */
  kind?: HostKind;
  /** The last that a program on pipes wrote there. */
  stderr?: string;
}

export interface ControlAnswers {
  start: { pid: number; start: string };
  list: { runs: HostedRunInfo[]; draining: boolean };
  /** The floor, by a host that keeps it. */
  right: { floor?: number };
  signal: { sent: boolean };
  /** Whether the program has asked for application cursor keys; an older host does not tell. */
  screen: { offset: number; cols: number; rows: number; data: string; applicationCursor?: boolean };
  resize: { cols: number; rows: number };
  reap: object;
  drain: object;
  shutdown: object;
}

/** What a host tells its node unasked. */
export type HostEvent =
  | {
      type: 'exited';
      run: string;
      code: number | null;
      signal: number | null;
      bytes: number;
      /** As in HostedRunInfo. */
      stderr?: string;
    }
  | {
      type: 'changed';
      run: string;
      attached: number;
      cols: number;
      rows: number;
      /** As in HostedRunInfo. */
      who?: string[];
      typed?: Typed;
      typists?: Typist[];
    }
  | { type: 'gap'; run: string; from: number; to: number }
  /** Its screen was set aside: of its output the emulator made no end. */
  | { type: 'unseen'; run: string };
