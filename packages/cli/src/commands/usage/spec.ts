/** `skein usage`: what agents have used. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const usage: CommandSpec = {
  name: 'usage',
  summary: 'tokens and costs of agents: by agent, by whose prompts, by turn',
  details: 'As the agents tell them; some tell of no costs. Those that were removed are counted.',
  args: [{ name: 'ref', summary: 'session or session/agent; all sessions by default' }],
  options: [{ name: 'turns', short: 't', summary: 'each turn' }],
  examples: [
    ['skein usage', 'of every session on this machine'],
    ['skein usage api --turns', 'turn by turn'],
  ],
  json: `{total, agents: [{session, sessionName, agent, name, used}], removed: [{session, sessionName, used}],
  members: [{member, name, used}], turns: […]}
  used: {input, output, cacheRead, cacheWrite, thought, cost: {USD: 1.5}, turns}; member: an id, owner, or agent for
  turns that an agent began itself. With --turns [{session, agent, turn, at, ms, end, by, prompt, used}].`,
  load: () => import('./run.ts'),
};
