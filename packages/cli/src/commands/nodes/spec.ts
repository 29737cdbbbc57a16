/** `skein nodes`: the other nodes. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const nodes: CommandSpec = {
  name: 'nodes',
  summary: 'the other nodes that are known, and the path to each',
  args: [],
  options: [],
  examples: [['skein nodes', 'direct or relayed, round trip, bytes']],
  json: `[{peer, name, path, via, rtt, since, bytesIn, bytesOut, blocked, sessions: [{id, name, role}], error}]
  path: direct | relayed | none; via: the relay; rtt: ms; since: ms since 1970; error: why there is no path.`,
  load: () => import('./run.ts'),
};
