/**
 * Patterns by their names, one level a name: what overlaps a pattern is found without looking at the others (rule W1). The
 * names with wildcards of a level lie by what they begin and end with, since a name can begin in few ways.
 */
import { meet, type Pattern, type Segment } from '@skein/protocol/workspaces/patterns';

type Wild = readonly string[];

interface Node<E> {
  literal: Map<string, Node<E>>;
  wild: WildNames<Node<E>> | undefined;
  /** Of patterns that end here, and of those that end in `**` here. */
  here: Set<E> | undefined;
  below: Set<E> | undefined;
}

export class Trie<E> {
  readonly #root: Node<E> = empty();

  add(pattern: Pattern, entry: E): void {
    let node = this.#root;
    for (const segment of pattern.segments) node = child(node, segment);
    const place = pattern.below ? 'below' : 'here';
    node[place] ??= new Set();
    node[place].add(entry);
  }

  remove(pattern: Pattern, entry: E): void {
    cut(this.#root, pattern, entry, 0);
  }

  /** Whose patterns have a path in common with this one; an entry that was added with several may come more than once. */
  overlapping(pattern: Pattern, found: (entry: E) => void): void {
    visit(this.#root, pattern, 0, found);
  }
}

function empty<E>(): Node<E> {
  return { literal: new Map(), wild: undefined, here: undefined, below: undefined };
}

function isEmpty<E>({ literal, wild, here, below }: Node<E>): boolean {
  return literal.size === 0 && wild === undefined && here === undefined && below === undefined;
}

function child<E>(node: Node<E>, segment: Segment): Node<E> {
  if (typeof segment !== 'string') {
    node.wild ??= new WildNames();
    return node.wild.get(segment) ?? node.wild.set(segment, empty());
  }
  const there = node.literal.get(segment);
  if (there !== undefined) return there;
  const made = empty<E>();
  node.literal.set(segment, made);
  return made;
}

/** Takes an entry away, and the nodes that nothing is left of. */
function cut<E>(node: Node<E>, pattern: Pattern, entry: E, depth: number): void {
  const segment = pattern.segments[depth];
  if (segment === undefined) {
    const set = pattern.below ? node.below : node.here;
    set?.delete(entry);
    if (set?.size === 0) node[pattern.below ? 'below' : 'here'] = undefined;
    return;
  }
  const next = typeof segment === 'string' ? node.literal.get(segment) : node.wild?.get(segment);
  if (next === undefined) return;
  cut(next, pattern, entry, depth + 1);
  if (!isEmpty(next)) return;
  if (typeof segment === 'string') node.literal.delete(segment);
  else if (node.wild?.delete(segment) === 0) node.wild = undefined;
}

function visit<E>(node: Node<E>, pattern: Pattern, depth: number, found: (entry: E) => void): void {
  node.below?.forEach(found);
  const segment = pattern.segments[depth];
  if (segment === undefined) {
    if (pattern.below) everything(node, found);
    else node.here?.forEach(found);
    return;
  }
  const on = (next: Node<E>) => visit(next, pattern, depth + 1, found);
  if (typeof segment === 'string') {
    const next = node.literal.get(segment);
    if (next !== undefined) on(next);
    node.wild?.matching(segment, on);
  } else {
    for (const [name, next] of node.literal) if (meet(segment, name)) on(next);
    node.wild?.all((wild, next) => {
      if (meet(segment, wild)) on(next);
    });
  }
}

/** All entries of a node and below it, but for its own `below`, which are found already. */
function everything<E>(node: Node<E>, found: (entry: E) => void): void {
  node.here?.forEach(found);
  const on = (next: Node<E>) => {
    next.below?.forEach(found);
    everything(next, found);
  };
  for (const next of node.literal.values()) on(next);
  node.wild?.all((_, next) => on(next));
}

interface WildName<V> {
  name: Wild;
  value: V;
}

/** Values by names with wildcards. */
class WildNames<V> {
  /** By how the names begin and end; and how many begin, and end, with so many characters. */
  readonly #byEnds = new Map<string, Map<string, WildName<V>[]>>();
  readonly #heads = new Counts();
  readonly #tails = new Counts();
  #size = 0;

  get(name: Wild): V | undefined {
    return this.#at(name)?.find((one) => same(one.name, name))?.value;
  }

  /** It is not there yet. */
  set(name: Wild, value: V): V {
    const [head, tail] = ends(name);
    const tails = this.#byEnds.get(head) ?? new Map<string, WildName<V>[]>();
    this.#byEnds.set(head, tails);
    const list = tails.get(tail);
    if (list === undefined) tails.set(tail, [{ name, value }]);
    else list.push({ name, value });
    this.#heads.add(head.length);
    this.#tails.add(tail.length);
    this.#size += 1;
    return value;
  }

  /** Returns how many are left. */
  delete(name: Wild): number {
    const [head, tail] = ends(name);
    const list = this.#at(name);
    const place = list?.findIndex((one) => same(one.name, name)) ?? -1;
    if (list === undefined || place < 0) return this.#size;
    list.splice(place, 1);
    if (list.length === 0) {
      this.#byEnds.get(head)?.delete(tail);
      if (this.#byEnds.get(head)?.size === 0) this.#byEnds.delete(head);
    }
    this.#heads.remove(head.length);
    this.#tails.remove(tail.length);
    this.#size -= 1;
    return this.#size;
  }

  matching(text: string, found: (value: V) => void): void {
    for (const head of this.#heads.upTo(text.length)) {
      const tails = this.#byEnds.get(text.slice(0, head));
      if (tails === undefined) continue;
      for (const tail of this.#tails.upTo(text.length - head)) {
        const list = tails.get(text.slice(text.length - tail));
        for (const { name, value } of list ?? []) if (meet(name, text)) found(value);
      }
    }
  }

  all(found: (name: Wild, value: V) => void): void {
    for (const tails of this.#byEnds.values())
      for (const list of tails.values()) for (const { name, value } of list) found(name, value);
  }

  #at(name: Wild): WildName<V>[] | undefined {
    const [head, tail] = ends(name);
    return this.#byEnds.get(head)?.get(tail);
  }
}

const ends = (name: Wild): [string, string] => [name[0] ?? '', name.at(-1) ?? ''];

const same = (a: Wild, b: Wild): boolean => a.length === b.length && a.every((part, n) => part === b[n]);

/** Which lengths there are, and how often. */
class Counts {
  readonly #counts = new Map<number, number>();

  add(length: number): void {
    this.#counts.set(length, (this.#counts.get(length) ?? 0) + 1);
  }

  remove(length: number): void {
    const left = (this.#counts.get(length) ?? 0) - 1;
    if (left > 0) this.#counts.set(length, left);
    else this.#counts.delete(length);
  }

  *upTo(most: number): Generator<number> {
    for (const length of this.#counts.keys()) if (length <= most) yield length;
  }
}
