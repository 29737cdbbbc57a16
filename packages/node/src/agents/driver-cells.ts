/** What is kept of a run's driver beside its session's events (rule A2): its state, and the writes that may not have arrived. Pure. */
import { pack, unpack } from '@skein/protocol/codec';
import type { Write } from '../drivers/driver.ts';
import type { BaseState } from '../drivers/state.ts';
import type { Cell } from '../kernel/types.ts';

/** A driver's state and what the runtime knows besides. */
export interface Kept {
  state: BaseState;
  /** The choice that was passed on last, as `agent.chosen` counts them. */
  choices: number;
}

/** Digits of an offset in a key, so that keys are in order. */
const DIGITS = 16;

export const stateKey = (run: string): string => `driver/${run}`;
export const writePrefix = (run: string): string => `write/${run}/`;
export const writeKey = (run: string, offset: number): string =>
  `${writePrefix(run)}${String(offset).padStart(DIGITS, '0')}`;

/** What is kept of a run whose driver has not begun. */
export const beginning = (run: string): Cell => ({ key: stateKey(run), value: new Uint8Array(0) });
export const stateCell = (run: string, kept: Kept): Cell => ({ key: stateKey(run), value: pack(kept) });
export const writeCell = (run: string, { offset, bytes }: Write): Cell => ({
  key: writeKey(run, offset),
  value: bytes,
});

export function readKept(bytes: Uint8Array): { state: unknown; choices: number } {
  const { state, choices } = unpack(bytes) as { state: unknown; choices: number };
  return { state, choices };
}

/** The writes that are kept, in the order of their offsets. */
export function readWrites(run: string, cells: ReadonlyMap<string, Uint8Array>): Write[] {
  const prefix = writePrefix(run);
  return [...cells]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, bytes]) => ({ offset: Number(key.slice(prefix.length)), bytes }))
    .sort((a, b) => a.offset - b.offset);
}
