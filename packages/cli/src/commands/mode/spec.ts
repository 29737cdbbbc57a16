/** `skein mode`: how an agent works. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const mode: CommandSpec = {
  name: 'mode',
  summary: 'in which mode an agent works, such as planning; or choose another',
  args: [
    { name: 'ref', summary: 'session or session/agent', required: true },
    { name: 'value', summary: 'its id or name, or the beginning of either' },
  ],
  options: [],
  examples: [
    ['skein mode api', 'what is offered, and what is chosen'],
    ['skein mode api plan', 'from now on'],
  ],
  json: '{session, agent, name, current, offered: [{id, name, description}]}; with a value {session, agent, name, mode}.',
  load: () => import('./run.ts'),
};
