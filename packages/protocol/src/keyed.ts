/**
 * A map as plain data for the states of reducers (rule L5): a copy with one value changed shares all but a few small pieces
 * with what it was made from, so that an event costs the same however many there are. What it looks like follows from what
 * is in it alone, never from the order in which that came; so a stored state and a replayed one are the same bytes.
 */

/** Pairs in the order of their keys. */
interface Leaf<V> {
  pairs: [string, V][];
}

interface Branch<V> {
  size: number;
  /** WIDTH of them, by the next BITS of their keys' hash. */
  kids: Keyed<V>[];
}

export type Keyed<V> = Leaf<V> | Branch<V>;

const BITS = 5;
const WIDTH = 2 ** BITS;
/** Pairs of a leaf; with more it becomes a branch, and no branch has fewer. */
const LEAF = 32;
/** Levels of branches that 32 bits of hash are enough for; the leaves below may have any size. */
const DEEPEST = 6;

const NONE: Leaf<never> = { pairs: [] };

export function emptyKeyed<V>(): Keyed<V> {
  return NONE;
}

export function sizeOf<V>(map: Keyed<V>): number {
  return 'kids' in map ? map.size : map.pairs.length;
}

export function valueAt<V>(map: Keyed<V>, key: string): V | undefined {
  const hash = hashOf(key);
  let at = map;
  for (let depth = 0; 'kids' in at; depth++) at = at.kids[slot(hash, depth)] as Keyed<V>;
  return at.pairs.find(([one]) => one === key)?.[1];
}

/** The same with one value set. */
export function withValue<V>(map: Keyed<V>, key: string, value: V): Keyed<V> {
  return set(map, key, value, hashOf(key), 0);
}

/** The same without one key. */
export function without<V>(map: Keyed<V>, key: string): Keyed<V> {
  return valueAt(map, key) === undefined ? map : cut(map, key, hashOf(key), 0);
}

export function keyed<V>(entries: Iterable<readonly [string, V]>): Keyed<V> {
  let map = emptyKeyed<V>();
  for (const [key, value] of entries) map = withValue(map, key, value);
  return map;
}

/** All pairs, in an order that means nothing. */
export function* pairsOf<V>(map: Keyed<V>): Generator<readonly [string, V]> {
  if ('kids' in map) for (const kid of map.kids) yield* pairsOf(kid);
  else yield* map.pairs;
}

/** A value that fits, if there is one: any of them. */
export function findIn<V>(map: Keyed<V>, fits: (value: V) => boolean): V | undefined {
  if ('kids' in map) {
    for (const kid of map.kids) {
      const found = findIn(kid, fits);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  for (const [, value] of map.pairs) if (fits(value)) return value;
  return undefined;
}

/** The keys whose values are not the same objects in both; what both share is not looked at. */
export function changedKeys<V>(before: Keyed<V>, after: Keyed<V>): string[] {
  const found: string[] = [];
  collectChanged(before, after, found);
  return found;
}

function collectChanged<V>(before: Keyed<V>, after: Keyed<V>, found: string[]): void {
  if (before === after) return;
  if ('kids' in before && 'kids' in after) {
    for (let n = 0; n < WIDTH; n++)
      collectChanged(before.kids[n] as Keyed<V>, after.kids[n] as Keyed<V>, found);
    return;
  }
  const old = new Map(pairsOf(before));
  for (const [key, value] of pairsOf(after)) {
    if (old.get(key) !== value) found.push(key);
    old.delete(key);
  }
  found.push(...old.keys());
}

function set<V>(map: Keyed<V>, key: string, value: V, hash: number, depth: number): Keyed<V> {
  if ('kids' in map) {
    const n = slot(hash, depth);
    const old = map.kids[n] as Keyed<V>;
    const kid = set(old, key, value, hash, depth + 1);
    return { size: map.size + sizeOf(kid) - sizeOf(old), kids: map.kids.with(n, kid) };
  }
  const place = map.pairs.findIndex(([one]) => one >= key);
  const at = place < 0 ? map.pairs.length : place;
  const replaced = map.pairs[at]?.[0] === key ? 1 : 0;
  const pairs = map.pairs.toSpliced(at, replaced, [key, value]);
  return pairs.length <= LEAF || depth === DEEPEST ? { pairs } : split(pairs, depth);
}

function split<V>(pairs: [string, V][], depth: number): Branch<V> {
  const kids = Array.from({ length: WIDTH }, (): Leaf<V> => ({ pairs: [] }));
  for (const pair of pairs) kids[slot(hashOf(pair[0]), depth)]?.pairs.push(pair);
  const deeper = (kid: Leaf<V>) =>
    kid.pairs.length <= LEAF || depth + 1 === DEEPEST ? kid : split(kid.pairs, depth + 1);
  return { size: pairs.length, kids: kids.map(deeper) };
}

/** The key is there. */
function cut<V>(map: Keyed<V>, key: string, hash: number, depth: number): Keyed<V> {
  if (!('kids' in map)) return { pairs: map.pairs.filter(([one]) => one !== key) };
  const n = slot(hash, depth);
  const kids = map.kids.with(n, cut(map.kids[n] as Keyed<V>, key, hash, depth + 1));
  const size = map.size - 1;
  if (size > LEAF) return { size, kids };
  return { pairs: kids.flatMap((kid) => [...pairsOf(kid)] as [string, V][]).sort(byKey) };
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);

const slot = (hash: number, depth: number): number => (hash >>> (depth * BITS)) & (WIDTH - 1);

/** FNV-1a. Whoever may choose keys could choose them to collide, and would only make their own leaf long. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let n = 0; n < key.length; n++) hash = Math.imul(hash ^ key.charCodeAt(n), 0x01000193);
  return hash >>> 0;
}
