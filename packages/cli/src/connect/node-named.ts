/** The node that a person means: by what it is called here, by its PeerId, or by a person whose device it is. */
import { SkeinError } from '@skein/protocol/errors';
import type { NodeAnswer } from '@skein/protocol/peers/asks';
import { isPeerId } from '@skein/protocol/relay/peer-id';

export type NodeNamed = Pick<NodeAnswer, 'peer' | 'name' | 'people'>;

const ADD = 'On that machine: skein node show. Here: skein node add, with the line that it prints.';

/** `advice` for whoever means none that is known. Throws `not_found` and `ambiguous`. A PeerId need not be known. */
export function nodeNamed(nodes: readonly NodeAnswer[], ref: string, advice = ADD): NodeNamed {
  const found = nodes.find(({ peer, name }) => peer === ref || name === ref);
  if (found !== undefined) return found;
  if (isPeerId(ref)) return { peer: ref, name: '', people: [] };
  const theirs = nodes.filter(({ people }) => people.includes(ref));
  if (theirs[0] !== undefined && theirs.length === 1) return theirs[0];
  if (theirs.length > 1)
    throw new SkeinError('ambiguous', `${ref} has several devices. Say which by its PeerId: skein nodes`);
  const names = nodes.flatMap(({ name }) => (name === '' ? [] : [name])).join(', ');
  throw new SkeinError(
    'not_found',
    `No node "${ref}" is known here.${names === '' ? '' : ` There are: ${names}.`}`,
    { advice },
  );
}

/** What it is called here; else whose it is. */
export function shownNode({ peer, name, people }: NodeNamed): string {
  return name || (people.length > 0 ? `the node of ${people.join(', ')}` : peer);
}
