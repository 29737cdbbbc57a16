/** Which connection is used, and what is tried beside it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestOf, type Candidate, isWell, mayUse, pursuitOf } from './choice.ts';

function candidate(kind: Candidate['kind'], suspect = false, status = 'open'): Candidate {
  return { connection: { status }, kind, out: { suspect, greeted: true, tunnels: 1 }, in: new Set() };
}

const any = fc
  .tuple(
    fc.constantFrom('direct' as const, 'relayed' as const),
    fc.boolean(),
    fc.constantFrom('open', 'closing'),
  )
  .map((parts) => candidate(...parts));

test('[M5] the best is open, none is better, and the present one stays unless one is', () => {
  const value = (one: Candidate) => (isWell(one) ? 2 : 0) + (one.kind === 'direct' ? 1 : 0);
  fc.assert(
    fc.property(fc.array(any, { maxLength: 6 }), fc.nat(), (all, n) => {
      const present = all[n % Math.max(1, all.length)];
      const best = bestOf(all, present);
      const open = all.filter(({ connection }) => connection.status === 'open');
      if (best === undefined) return void expect(open).toEqual([]);
      expect(open).toContain(best);
      expect(value(best)).toBe(Math.max(...open.map(value)));
      if (present !== undefined && open.includes(present) && value(present) === value(best))
        expect(best).toBe(present);
    }),
  );
});

test('[M5] a relayed path goes on looking for a direct one; a direct one rests', () => {
  const [direct, relayed] = [candidate('direct'), candidate('relayed')];
  expect(pursuitOf(true, direct, direct, 0)).toBe('off');
  expect(pursuitOf(true, relayed, relayed, 3)).toBe('direct');
  expect(pursuitOf(false, relayed, relayed, 3)).toBe('off');
});

test('[C4] without a path, or with one that is silent and used, everything is tried at once; else from time to time', () => {
  const silent = candidate('direct', true);
  const idle = { ...silent, out: { suspect: true, greeted: true, tunnels: 0 } };
  expect(pursuitOf(true, undefined, undefined, 1)).toBe('hurried');
  expect(pursuitOf(true, silent, silent, 0)).toBe('hurried');
  expect(pursuitOf(true, idle, idle, 0)).toBe('calm');
  expect(pursuitOf(true, undefined, undefined, 0)).toBe('calm');
});

test('[M5] a path that works is left for one that has answered, not for a promise', () => {
  const promise = { ...candidate('direct'), out: { suspect: false, greeted: false, tunnels: 0 } };
  expect(mayUse(promise, candidate('relayed'), true)).toBe(false);
  expect(mayUse(promise, undefined, true)).toBe(true);
  expect(mayUse(promise, undefined, false)).toBe(false);
  expect(mayUse(candidate('direct'), candidate('relayed'), false)).toBe(true);
});
