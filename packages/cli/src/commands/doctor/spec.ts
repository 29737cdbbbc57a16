/** `skein doctor`: what is wrong, and what to do. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const doctor: CommandSpec = {
  name: 'doctor',
  summary: 'check the installation, the home, the node and its relays',
  details: 'Starts and changes nothing. The exit status is 1 when a check fails; warnings do not count.',
  args: [],
  options: [],
  examples: [
    ['skein doctor', 'what is wrong, and what to do'],
    ['skein doctor --json', 'for programs'],
  ],
  json: '{ok, checks: [{name, state, message, advice}]}; state: ok | warn | fail; advice may be null.',
  load: () => import('./run.ts'),
};
