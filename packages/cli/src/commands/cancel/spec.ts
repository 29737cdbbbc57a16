/** `skein cancel`: ends an agent's turn. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const cancel: CommandSpec = {
  name: 'cancel',
  summary: "end an agent's turn; what waits in its queue comes next",
  details: 'Ends once the agent has confirmed it. What it has done until then stays done.',
  args: [{ name: 'ref', summary: 'session or session/agent', required: true }],
  options: [
    { name: 'all', short: 'a', summary: 'what waits in its queue as well' },
    { name: 'wait', short: 'w', value: 'SECONDS', summary: 'time for it to confirm (30)' },
  ],
  examples: [
    ['skein cancel api', 'that is enough'],
    ['skein cancel -a api/claude', 'and nothing more'],
  ],
  json: '{session, agent, name, turn, prompts}: turn: the one that was ended, or null; prompts: those taken back.',
  load: () => import('./run.ts'),
};
