/** `skein model`: which model an agent uses. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const model: CommandSpec = {
  name: 'model',
  summary: 'which model an agent uses; or choose another',
  args: [
    { name: 'ref', summary: 'session or session/agent', required: true },
    { name: 'value', summary: 'its id or name, or the beginning of either' },
  ],
  options: [],
  examples: [
    ['skein model api', 'what is offered, and what is chosen'],
    ['skein model api/claude opus', 'for its next turns'],
  ],
  json: '{session, agent, name, current, offered: [{id, name, description}]}; with a value {session, agent, name, model}.',
  load: () => import('./run.ts'),
};
