/** `skein grant`: what another machine's node may do with agents here. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const grant: CommandSpec = {
  name: 'grant',
  summary: 'let another machine run agents on this one, or no longer',
  details: `Agents that run here by a grant belong to a session of that machine: its people prompt them and answer what they ask.
Here you can see them (skein ls), look at what they do, and stop them. Your definitions and policies hold for them too.
They run as you: a grant gives to whoever uses that machine what an agent can do with your account. --dirs says where
they begin, not what they can reach.

revoke ends what runs by a grant at once; so does its time when it is over (--expires). What they have done stays.

An agent is commanded by a lease, renewed while that machine is there. When it has not been heard of for a term,
its agents are stopped, or go on with what they have been given (--away go-on). --claims says what becomes of a write
to what that machine would have to be asked about: hold it, decide by what is claimed here alone, or refuse it and stop.`,
  args: [
    {
      name: 'node',
      summary: 'name, PeerId, or the line of its `skein node show`; or: revoke',
      required: true,
    },
    { name: 'which', summary: 'revoke: a grant, or a node for all that it has' },
  ],
  options: [
    { name: 'agents', value: 'NAMES', many: true, summary: 'which, as in codex,claude; * for all' },
    {
      name: 'dirs',
      value: 'DIRS',
      many: true,
      summary: 'where they may work, and below; besides in workspaces made for them',
    },
    { name: 'max', value: 'N', summary: 'how many may run at a time (default 1)' },
    { name: 'expires', value: 'TIME', summary: 'when it is over, with what runs by it: 8h, 7d' },
    { name: 'term', value: 'TIME', summary: 'how long they go on unheard of (default 1m)' },
    { name: 'away', value: 'WHAT', summary: 'then: stop (default) or go-on' },
    { name: 'claims', value: 'WHAT', summary: 'writes meanwhile: hold (default), local or stop' },
  ],
  examples: [
    ['skein grant laptop --agents codex,claude --dirs ~/work --max 4', 'up to four, in ~/work'],
    ['skein grant laptop --agents claude --expires 8h', 'in empty workspaces, for a working day'],
    ['skein grant skeinnode1… --agents codex', 'to a node that is not known yet'],
    ['skein grants', 'those that are'],
    ['skein grant revoke laptop', 'all that it has; what runs by them is stopped'],
  ],
  json: `{grant, peer, node, agents, dirs, max, term, away, claims, expires, locator}; locator: null while the mesh is off.
revoke: [{grant}].`,
  load: () => import('./run.ts'),
};
