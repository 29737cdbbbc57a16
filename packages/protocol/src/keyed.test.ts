/** Maps as plain data (rule L5): like a Map, never changed, and alike whenever they hold the same. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pack, unpack } from './codec.ts';
import {
  changedKeys,
  emptyKeyed,
  findIn,
  type Keyed,
  keyed,
  pairsOf,
  sizeOf,
  valueAt,
  without,
  withValue,
} from './keyed.ts';

type Change = { key: string; value: number | null };

const change: fc.Arbitrary<Change> = fc.record({
  key: fc.oneof(
    fc.nat(300).map((n) => `k${n}`),
    fc.constantFrom('', '__proto__', 'kids'),
  ),
  value: fc.option(fc.nat(9), { freq: 2 }),
});

const changes = fc.array(change, { maxLength: 800, size: 'max' });

function made(all: readonly Change[]): { map: Keyed<number>; model: Map<string, number> } {
  let map = emptyKeyed<number>();
  const model = new Map<string, number>();
  for (const { key, value } of all) {
    map = value === null ? without(map, key) : withValue(map, key, value);
    if (value === null) model.delete(key);
    else model.set(key, value);
  }
  return { map, model };
}

test('[L5] it holds what a Map would, and looks the same whatever way it came about, stored or not', () => {
  fc.assert(
    fc.property(changes, (all) => {
      const { map, model } = made(all);
      expect(new Map(pairsOf(map))).toEqual(model);
      expect(sizeOf(map)).toBe(model.size);
      for (const { key } of all) expect(valueAt(map, key)).toBe(model.get(key));
      for (let n = 0; n <= 10; n++)
        expect(findIn(map, (one) => one === n)).toBe([...model.values()].find((one) => one === n));
      const again = keyed([...model].sort());
      expect(pack(map)).toEqual(pack(again));
      expect(pack(unpack(pack(map)))).toEqual(pack(map));
    }),
    { numRuns: 60 },
  );
});

test('[L5] no map that was made before is changed, and what differs between two is told', () => {
  fc.assert(
    fc.property(changes, changes, (first, second) => {
      const before = made(first);
      const bytes = pack(before.map);
      const after = made([...first, ...second]);
      let map = before.map;
      for (const { key, value } of second)
        map = value === null ? without(map, key) : withValue(map, key, value);
      expect(pack(before.map)).toEqual(bytes);
      expect(map).toEqual(after.map);
      const keys = new Set([...before.model.keys(), ...after.model.keys()]);
      const differ = [...keys].filter((key) => before.model.get(key) !== after.model.get(key));
      expect([...changedKeys(before.map, map)].sort()).toEqual(differ.sort());
    }),
    { numRuns: 60 },
  );
});

test('[L5] a change among 10,000 makes no more anew than a few pieces', () => {
  const map = keyed(Array.from({ length: 10_000 }, (_, n) => [`session ${n}`, n] as const));
  const pieces = (one: Keyed<number>): Keyed<number>[] =>
    'kids' in one ? [one, ...one.kids.flatMap(pieces)] : [one];
  const before = new Set(pieces(map));
  for (const next of [withValue(map, 'session 7', -1), without(map, 'session 7'), withValue(map, 'new', 1)])
    expect(pieces(next).filter((piece) => !before.has(piece)).length).toBeLessThanOrEqual(4);
});
