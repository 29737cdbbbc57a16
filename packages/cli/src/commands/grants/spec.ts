/** `skein grants`: what other machines may do with agents here. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const grants: CommandSpec = {
  name: 'grants',
  summary: 'the grants by which other machines run agents here',
  args: [],
  options: [],
  examples: [
    ['skein grants', 'who may run what, where, and how many do'],
    ['skein grant revoke laptop', 'take back all that one has'],
  ],
  json: `[{grant, peer, node, agents, dirs, max, used, term, away, claims, expires, given}]
  node: its name here, or null; term: ms; expires, given: ms since 1970; expires: null for until it is revoked.`,
  load: () => import('./run.ts'),
};
