/**
 * Paths that lie in workspaces which the writer is not in (rule W2): the tree that its own is a worktree of, or one within another.
 * It takes nothing there, and is told what others have claimed.
 */
import { pairsOf } from '@skein/protocol/keyed';
import type { NodeState } from '@skein/protocol/sessions/node-state';
import type { Holder } from '@skein/protocol/workspaces/holder';
import { indexOf } from '../claims/claim-index.ts';
import { inTheWay } from '../claims/in-the-way.ts';
import type { Refused, Writer } from '../gate.ts';
import { patternsOf, refused } from './looking.ts';
import { placesOf } from './realised.ts';
import type { Tables } from './tables.ts';
import { elsewhereWords } from './words.ts';

const roots = new WeakMap<NodeState['workspaces'], { id: string; root: string }[]>();

/** The first thing in the way of these real paths; undefined when nothing is. */
export function lookElsewhere(
  tables: Pick<Tables, 'now'>,
  node: NodeState | undefined,
  writer: Writer,
  ends: readonly string[],
): Refused | undefined {
  if (node === undefined) return undefined;
  const holder: Holder = {
    kind: 'run',
    run: writer.run,
    session: writer.session,
    agent: writer.agent,
    name: '',
  };
  for (const { id, root } of rootsIn(node)) {
    const there = ends.filter(
      (end) => end === root || end.startsWith(`${root}/`) || root.startsWith(`${end}/`),
    );
    if (id === writer.workspace || there.length === 0) continue;
    const table = tables.now(id);
    const places = placesOf(root, there) ?? [];
    if (table === undefined || places.length === 0) continue;
    const { state } = table;
    for (const [n, pattern] of patternsOf(places).entries()) {
      const found = inTheWay(state, indexOf(state, 'gate'), holder, [pattern]);
      const held = found.find(({ kind }) => kind !== 'waiter');
      if (held === undefined) continue;
      const [at, who] = [there[n] ?? root, table.who(held)];
      return refused('held', [at], elsewhereWords(at, state.name, who), who);
    }
  }
  return undefined;
}

function rootsIn({ workspaces }: NodeState): { id: string; root: string }[] {
  const known = roots.get(workspaces);
  if (known !== undefined) return known;
  const all = Array.from(pairsOf(workspaces), ([, one]) => one);
  roots.set(workspaces, all);
  return all;
}
