/** Where a reference points (rule M4): to a session of this machine, or, as `node:session`, to one of another. */

export interface Place {
  /** Name or PeerId of the other node; undefined for this one. */
  node: string | undefined;
  ref: string;
}

/** No session's name has a colon, so the first one ends the node's. */
export function placeOf(ref: string): Place {
  const colon = ref.indexOf(':');
  return colon < 0 ? { node: undefined, ref } : { node: ref.slice(0, colon), ref: ref.slice(colon + 1) };
}

/** References by the node that they point to, each node once. */
export function byNode(refs: readonly string[]): Map<string | undefined, string[]> {
  const nodes = new Map<string | undefined, string[]>();
  for (const { node, ref } of refs.map(placeOf)) nodes.set(node, [...(nodes.get(node) ?? []), ref]);
  return nodes;
}
