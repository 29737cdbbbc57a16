/** `skein ls`: what sessions there are. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const ls: CommandSpec = {
  name: 'ls',
  summary: 'list the sessions',
  args: [],
  options: [
    { name: 'running', short: 'r', summary: 'only those whose program runs' },
    { name: 'all', short: 'a', summary: 'those on other nodes as well' },
  ],
  examples: [
    ['skein ls', 'all sessions, the oldest first'],
    ['skein ls -r', 'without those that have ended'],
    ['skein ls --all', 'on every node that was joined'],
    ['skein ls --json', 'for programs'],
  ],
  json: `[{id, name, state, attached, created, size: {cols, rows} | null, argv,
  agents: [{agent, name, definition, doing, on, away}]}]
  state: starting | running | exited | failed | lost; attached: viewers now; created: ms since 1970;
  agents: absent where there are none, doing as in skein agents; on, away:
  the other machine that one runs on, and what stands in the way.
  With --all also {ref, node, role}: node is null for this one; of a node that cannot be reached only
  {id, name, ref, node, role}, in the state unknown.`,
  load: () => import('./run.ts'),
};
