/** `skein members`: the people of a session. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const members: CommandSpec = {
  name: 'members',
  summary: 'the people of a session, and their devices',
  args: [{ name: 'session', summary: 'id, name, or the beginning of either', required: true }],
  options: [],
  examples: [
    ['skein members api', 'who may come, who is there'],
    ['skein members laptop:api', 'of a session on another machine'],
  ],
  json: `[{id, name, role, devices: [{id, name, seen, connected, path, attached, role}], path, seen}]
  seen: when last connected, ms since 1970; path: direct | relayed, while connected; attached: terminals that show it.`,
  load: () => import('./run.ts'),
};
