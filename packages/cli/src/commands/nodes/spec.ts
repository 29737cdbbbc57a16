/** `skein nodes`: the other nodes. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const nodes: CommandSpec = {
  name: 'nodes',
  summary: 'the other nodes that are known, and the path to each',
  args: [],
  options: [],
  examples: [['skein nodes', 'direct or relayed, round trip, bytes']],
  details: 'A node that only comes to sessions of this machine has no name here: it is shown by its people.',
  json: `[{peer, name, path, via, rtt, since, bytesIn, bytesOut, blocked, sessions: [{id, name, role}], people,
  agents, error}]
  path: direct | relayed | none; via: the relay; rtt: ms; since: ms since 1970; error: why there is no path;
  people: members of this machine's sessions whose device it is, by name; agents: those of sessions here that run
  there, as session/agent.`,
  load: () => import('./run.ts'),
};
