/** `skein ls`: what sessions there are. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const ls: CommandSpec = {
  name: 'ls',
  summary: 'list the sessions',
  args: [],
  options: [{ name: 'running', short: 'r', summary: 'only those whose program runs' }],
  examples: [
    ['skein ls', 'all sessions, the oldest first'],
    ['skein ls -r', 'without those that have ended'],
    ['skein ls --json', 'for programs'],
  ],
  json: `[{id, name, state, attached, created, size: {cols, rows} | null, argv}]
  state: starting | running | exited | failed | lost; attached: viewers now; created: ms since 1970.`,
  load: () => import('./run.ts'),
};
