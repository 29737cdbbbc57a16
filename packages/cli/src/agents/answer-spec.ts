/** What `skein approve` and `skein deny` take alike. */
import type { CommandSpec } from '../invocation/spec.ts';

export const ANSWER: Pick<CommandSpec, 'args' | 'options' | 'json'> = {
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
  json: `[{approval, session, outcome}] of those that were answered, in the order given; outcome: allowed | denied.
Of each that could not be an error on stderr.`,
};
