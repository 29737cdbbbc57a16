/** `skein node`: what is done about another node. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const node: CommandSpec = {
  name: 'node',
  summary: 'rename, forget, block or unblock another node',
  details: `rename   call it otherwise here: skein node rename laptop work
forget   and its sessions; with a ticket you can join again
block    let nothing of it in any more; a PeerId that is not known will do
unblock  let it in again`,
  args: [
    { name: 'action', summary: 'rename, forget, block or unblock', required: true },
    { name: 'node', summary: 'name, PeerId, or a member whose device it is', required: true },
    { name: 'name', summary: 'the new name' },
  ],
  options: [],
  examples: [
    ['skein node rename laptop work', 'work:api from then on'],
    ['skein node forget work', 'and what was joined there'],
    ['skein node block 12D3Koo…', 'whoever that is'],
  ],
  json: '{peer, name} or {peer, blocked} or {peer}',
  load: () => import('./run.ts'),
};
