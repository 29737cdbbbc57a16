/** Something that keeps a program and lets a terminal attach to it: ours, tmux, dtach, behind one interface. */
import type { Terminal } from './terminal.ts';

export interface Contestant {
  name: string;
  /** Starts `argv` in a session of this name. */
  start(session: string, argv: readonly string[]): Promise<void>;
  /** Attaches a terminal of 80 × 24. */
  attach(session: string): Terminal;
  /** Ends every session and server. */
  stop(): void;
}

/** A shell whose prompt cannot be mistaken for output. */
export const PROMPT = 'READY> ';
export const SHELL = ['env', `PS1=${PROMPT}`, 'sh'] as const;

/** A contestant, or the reason why there is none. */
export type MaybeContestant = { use: Contestant; missing?: undefined } | { use?: undefined; missing: string };
