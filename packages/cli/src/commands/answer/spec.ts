/** `skein answer`: an answer to what a program or an agent wants to know. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const answer: CommandSpec = {
  name: 'answer',
  summary: 'answer a question that was asked with skein ask, or by an agent',
  details: `The first answer counts, whoever gives it; who is too late is told who was first (exit 1, already_answered).
Ids are those of skein inbox: the beginning is enough. An option may be said by its number.
What an agent asks before it may do something is answered with skein approve and skein deny.`,
  args: [
    { name: 'question', summary: 'which one; node:id on another machine', required: true },
    { name: 'answer', summary: 'a text, or one of the options', required: true, many: true },
  ],
  options: [],
  examples: [
    ['skein answer k3fq 8080', 'that'],
    ['skein answer k3fq 2', 'the second of its options'],
  ],
  json: '{question, session, answer}',
  load: () => import('./run.ts'),
};
