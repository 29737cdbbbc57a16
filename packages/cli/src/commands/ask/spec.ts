/** `skein ask`: a question to the people of a session. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const ask: CommandSpec = {
  name: 'ask',
  summary: 'ask the people of a session something, from a program or an agent',
  details: `It is told to all who may answer, wherever they are: in skein inbox, in skein chat, by the waiting hook. The first
answer counts. It waits until it is answered, and holds up nobody: with --wait this command stays for the answer and
prints it alone, and takes the question back when it is ended. What an agent asks in its own shell is withdrawn when
its run ends.
Without --in it is asked in the session of this shell, or the only one.`,
  args: [{ name: 'question', summary: 'what one must know to answer it included', required: true }],
  options: [
    { name: 'in', value: 'SESSION', summary: 'the session; node:session on another machine' },
    { name: 'options', short: 'o', value: 'A,B', summary: 'answers to choose from' },
    { name: 'other', summary: 'with --options: something else may be answered as well' },
    { name: 'default', value: 'ANSWER', summary: 'the answer when nobody has given one in time' },
    { name: 'after', value: 'TIME', summary: 'with --default: when that counts, such as 10m' },
    { name: 'wait', summary: 'stay until it is answered' },
    { name: 'timeout', value: 'TIME', summary: 'with --wait: not longer than this (exit 1, timeout)' },
  ],
  examples: [
    ["skein ask 'Which port?' --options 80,8080 --wait", 'prints 80 or 8080'],
    ["skein ask 'Deploy now?' -o yes,no --default no --after 10m --wait", 'no, if nobody says otherwise'],
  ],
  json: `{question, n, session}; with --wait {question, n, session, answer, how, by}: how: person | default.`,
  load: () => import('./run.ts'),
};
