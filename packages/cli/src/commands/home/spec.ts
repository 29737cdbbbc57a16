/** `skein` alone: shows the sessions and lets the user choose. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const home: CommandSpec = {
  name: '',
  summary: 'show the sessions and choose one',
  args: [],
  options: [],
  examples: [],
  json: 'as skein ls.',
  load: () => import('./run.ts'),
};
