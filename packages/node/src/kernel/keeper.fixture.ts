/** For tests of cells: an actor whose commands say which to keep, and what a program that is killed keeps. */
import { pack } from './codec.ts';
import type { ActorKind, Cell } from './types.ts';

/** `note` is the body of an event; without it the cells are kept alone. */
export interface Keep {
  note?: unknown;
  cells: Cell[];
  /** Another keeper's, in the same unit. */
  tell?: { target: string; keep: Keep };
  refuse?: boolean;
}

/** Its state is the number of its events. */
export const keeper: ActorKind<number> = {
  kind: 'keeper',
  version: 1,
  initial: () => 0,
  decide: (state, { body }) => {
    const { note, cells, tell, refuse } = body as Keep;
    if (refuse) return { refuse: { code: 'not_allowed', message: 'As was asked.' } };
    return {
      events: note === undefined ? [] : [{ type: 'noted', body: note }],
      cells,
      tell: tell ? [{ target: tell.target, type: 'keep', body: tell.keep }] : [],
      reply: state,
    };
  },
  apply: (state) => state + 1,
};

/** Bytes that only this number gives. */
export function filled(n: number, size: number): Uint8Array {
  return new Uint8Array(size).map((_, i) => (n * 31 + i * 7) % 256);
}

/** What the nth command of a program that is killed keeps: small and large cells, written over and removed. */
export function nthKeep(n: number): Keep {
  const cells: Cell[] = [
    { key: 'last', value: pack(n) },
    { key: `part/${n % 5}`, value: n % 11 === 0 ? null : filled(n, n % 3 === 0 ? 40_000 : n % 300) },
  ];
  return n % 4 === 0 ? { cells } : { note: n, cells };
}

/** Cells after `to` such commands, and events. */
export function afterKeeps(to: number): { cells: Map<string, Uint8Array>; events: number } {
  const model = new Map<string, Uint8Array>();
  let events = 0;
  for (let n = 1; n <= to; n += 1) {
    const { note, cells } = nthKeep(n);
    if (note !== undefined) events += 1;
    for (const { key, value } of cells) {
      if (value === null) model.delete(key);
      else model.set(key, value);
    }
  }
  return { cells: model, events };
}
