/** `skein deny`: no. */
import { ANSWER } from '../../agents/answer-spec.ts';
import type { CommandSpec } from '../../invocation/spec.ts';

export const deny: CommandSpec = {
  ...ANSWER,
  name: 'deny',
  summary: 'say no to what an agent asks',
  details: `The first answer counts, whoever gives it; who is too late is told who was first (exit 1, already_answered).
What an agent does then is its own: most go on and look for another way.`,
  examples: [
    ['skein deny abcd.a2', 'not this'],
    ["skein deny abcd.a2 -m 'use the staging database'", 'and why'],
  ],
  load: () => import('./run.ts'),
};
