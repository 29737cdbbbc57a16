/** `skein node`: this node as others find it, and what is done about another one. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const node: CommandSpec = {
  name: 'node',
  summary: 'show this node; add, rename, forget, block or unblock another',
  details: `show     this node's PeerId, and the line to add it by on another machine
add      know another node by that line: nothing is shared by it, and nothing in it is secret
rename   call it otherwise here: skein node rename laptop work
forget   and its sessions; with a ticket you can join again
block    let nothing of it in any more, and take back its grants; a PeerId that is not known will do
unblock  let it in again`,
  args: [
    { name: 'action', summary: 'show, add, rename, forget, block or unblock', required: true },
    { name: 'node', summary: 'name, PeerId, or a member whose device it is; for add the line' },
    { name: 'name', summary: 'rename: the new name' },
  ],
  options: [{ name: 'name', value: 'NAME', summary: 'add: what to call it here' }],
  examples: [
    ['skein node show', 'what to type on the other machine'],
    ['skein node add skeinnode1…', 'skein spawn --on gpu-box from then on, if it grants that'],
    ['skein node rename laptop work', 'work:api from then on'],
    ['skein node forget work', 'and what was joined there'],
    ['skein node block 12D3Koo…', 'whoever that is'],
  ],
  json: '{peer, name} or {peer, blocked} or {peer}; show: {peer, name, locator}',
  load: () => import('./run.ts'),
};
