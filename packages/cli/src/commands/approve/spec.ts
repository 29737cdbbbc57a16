/** `skein approve`: yes. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const approve: CommandSpec = {
  name: 'approve',
  summary: 'say yes to what an agent asks',
  details: `The first answer counts, whoever gives it; who is too late is told who was first (exit 1, already_answered).
Ids are those of skein approvals: the beginning is enough, and the run's beginning with the end, as in abcd.a2.`,
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
    ['skein approve abcd.a2', 'once'],
    ['skein approve abcd.a2 --always', 'files of that kind, or that very command, without asking'],
    ['skein approve laptop:efgh.a1', 'what an agent on another machine asks'],
  ],
  json: '[{approval, session, outcome}], in the order given; outcome: allowed | denied.',
  load: () => import('./run.ts'),
};
