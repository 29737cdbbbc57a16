/** `skein deny`: no. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const deny: CommandSpec = {
  name: 'deny',
  summary: 'say no to what an agent asks',
  details: `The first answer counts, whoever gives it; who is too late is told who was first (exit 1, already_answered).
What an agent does then is its own: most go on and look for another way.`,
  args: [{ name: 'id', summary: 'which questions; node:id on another machine', required: true, many: true }],
  options: [
    { name: 'always', short: 'a', summary: 'and to the like of it from now on, in this session' },
    { name: 'reason', short: 'm', value: 'TEXT', summary: 'told to the agent where it can be' },
    {
      name: 'option',
      short: 'o',
      value: 'ID',
      summary: 'one of the answers that the agent offers, by its id',
    },
  ],
  examples: [
    ['skein deny abcd.a2', 'not this'],
    ["skein deny abcd.a2 -m 'use the staging database'", 'and why'],
  ],
  json: '[{approval, session, outcome}], in the order given; outcome: allowed | denied.',
  load: () => import('./run.ts'),
};
