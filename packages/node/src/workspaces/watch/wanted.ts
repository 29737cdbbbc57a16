/**
 * What is claimed, as one walks down a tree (rule W4): which directories lead to something claimed, and which entries are
 * claimed. A trie of the patterns' segments, names as the disk compares them; no I/O.
 */
import {
  type Folds,
  foldName,
  foldPattern,
  matches,
  type Pattern,
  parsePattern,
  type Segment,
} from '@skein/protocol/workspaces/patterns';

class Node {
  readonly literals = new Map<string, Node>();
  /** Names with wildcards, by their parts. */
  readonly stars = new Map<string, { segment: Segment; node: Node }>();
  /** Claims whose pattern ends here, and those that take everything from here on. */
  readonly ends = new Map<string, number>();
  readonly deeps = new Map<string, number>();

  get empty(): boolean {
    return this.ends.size + this.deeps.size + this.literals.size + this.stars.size === 0;
  }
}

/** Where a walk stands: at a place that some patterns lead to. Never empty. */
export interface Place {
  readonly nodes: readonly Node[];
  /** All that lies below is claimed. */
  readonly below: boolean;
}

export class Wanted {
  readonly #root = new Node();
  readonly #folds: Folds;

  constructor(folds: Folds) {
    this.#folds = folds;
  }

  get empty(): boolean {
    return this.#root.empty;
  }

  add(claim: string, globs: readonly string[]): void {
    for (const { segments, below } of this.#patterns(globs)) {
      const node = segments.reduce<Node>(childOf, this.#root);
      count(below ? node.deeps : node.ends, claim, 1);
    }
  }

  remove(claim: string, globs: readonly string[]): void {
    for (const pattern of this.#patterns(globs)) remove(this.#root, claim, pattern, 0);
  }

  /** The place of the tree's root. */
  root(): Place {
    return { nodes: [this.#root], below: this.#root.deeps.size > 0 };
  }

  /** The place of an entry of the directory at `place`; undefined when nothing claimed is there or below. */
  enter(place: Place, name: string): Place | undefined {
    const key = foldName(name, this.#folds);
    const nodes: Node[] = [];
    let { below } = place;
    for (const node of place.nodes) {
      const literal = node.literals.get(key);
      if (literal !== undefined) nodes.push(literal);
      for (const star of node.stars.values()) if (matches(star.segment, key)) nodes.push(star.node);
    }
    for (const node of nodes) below ||= node.deeps.size > 0;
    return nodes.length === 0 && !below ? undefined : { nodes, below };
  }

  /** The place of a path; undefined when nothing claimed is there or below. */
  at(path: string): Place | undefined {
    let place: Place | undefined = this.root();
    for (const name of path === '' ? [] : path.split('/'))
      place = place === undefined ? undefined : this.enter(place, name);
    return place;
  }

  /** The claims that a path is under. */
  claimsOf(path: string): Set<string> {
    const claims = new Set<string>();
    let place: Place | undefined = this.root();
    const gather = ({ nodes }: Place) => {
      for (const node of nodes) for (const claim of node.deeps.keys()) claims.add(claim);
    };
    gather(place);
    for (const name of path === '' ? [] : path.split('/')) {
      place = this.enter(place, name);
      if (place === undefined) return claims;
      gather(place);
    }
    for (const node of place.nodes) for (const claim of node.ends.keys()) claims.add(claim);
    return claims;
  }

  #patterns(globs: readonly string[]): Pattern[] {
    return globs.map((glob) => foldPattern(parsePattern(glob), this.#folds));
  }
}

/** Whether the thing there is claimed itself. */
export function isClaimed({ nodes, below }: Place): boolean {
  return below || nodes.some((node) => node.ends.size > 0);
}

/** Whether something below may be. */
export function leadsOn({ nodes, below }: Place): boolean {
  return below || nodes.some((node) => node.literals.size + node.stars.size > 0);
}

/** The only names that matter in a directory there, each once, however many patterns name it; undefined when any might. */
export function namesIn({ nodes, below }: Place): string[] | undefined {
  if (below || nodes.some((node) => node.stars.size > 0)) return undefined;
  return [...new Set(nodes.flatMap((node) => [...node.literals.keys()]))];
}

function childOf(node: Node, segment: Segment): Node {
  if (typeof segment === 'string') {
    const there = node.literals.get(segment) ?? new Node();
    node.literals.set(segment, there);
    return there;
  }
  const key = segment.join('\0');
  const there = node.stars.get(key) ?? { segment, node: new Node() };
  node.stars.set(key, there);
  return there.node;
}

/** Takes away what nothing needs any more, so that a walk does not follow it. */
function remove(node: Node, claim: string, pattern: Pattern, at: number): void {
  const segment = pattern.segments[at];
  if (segment === undefined) return count(pattern.below ? node.deeps : node.ends, claim, -1);
  const [among, key] =
    typeof segment === 'string' ? [node.literals, segment] : [node.stars, segment.join('\0')];
  const found = among.get(key);
  const child = found instanceof Node ? found : found?.node;
  if (child === undefined) return;
  remove(child, claim, pattern, at + 1);
  if (child.empty) among.delete(key);
}

/** A claim may name a place by more than one of its patterns. */
function count(claims: Map<string, number>, claim: string, change: number): void {
  const now = (claims.get(claim) ?? 0) + change;
  if (now > 0) claims.set(claim, now);
  else claims.delete(claim);
}
