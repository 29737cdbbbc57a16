/** `skein approve`: yes. */
import { ANSWER } from '../../agents/answer-spec.ts';
import type { CommandSpec } from '../../invocation/spec.ts';

export const approve: CommandSpec = {
  ...ANSWER,
  name: 'approve',
  summary: 'say yes to what an agent asks',
  details: `The first answer counts, whoever gives it; who is too late is told who was first (exit 1, already_answered).
Ids are those of skein approvals: the beginning is enough, and the run's beginning with the end, as in abcd.a2.`,
  examples: [
    ['skein approve abcd.a2', 'once'],
    ['skein approve abcd.a2 --always', 'files of that kind, or that very command, without asking'],
    ['skein approve laptop:efgh.a1', 'what an agent on another machine asks'],
  ],
  load: () => import('./run.ts'),
};
