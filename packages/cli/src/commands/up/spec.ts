/** `skein up`: starts the node. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const up: CommandSpec = {
  name: 'up',
  summary: 'start the node, unless it runs',
  details: 'Every command that needs the node starts it by itself; this only does it ahead of time.',
  args: [],
  options: [],
  examples: [
    ['skein up', 'start the node in the background'],
    ['skein up --home /tmp/try', 'another node, apart from the usual one'],
  ],
  json: '{pid, version, home, started}: started tells whether it was this command that started it.',
  load: () => import('./run.ts'),
};
