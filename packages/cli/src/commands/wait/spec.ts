/** `skein wait`: until a session's program has ended or said something, or its agents are done. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const wait: CommandSpec = {
  name: 'wait',
  summary: 'wait until a program has ended or said something, or agents are done',
  details: `The exit status is the program's, or 128 and the number of the signal that ended it.
Agents are done when no turn runs and nothing waits in their queues: 0; if one has ended: 1.
With --for: 0 once the program has printed that within a line, colours apart; what it has printed already counts, and
so does what it echoes of what is typed. If it ends without: 1.`,
  args: [
    {
      name: 'ref',
      summary: 'id, name, or the beginning of either; session/agent for an agent',
      required: true,
    },
  ],
  options: [
    { name: 'for', value: 'TEXT', summary: 'until the program prints this' },
    { name: 'from', value: 'N', summary: 'with --for: from byte N of its output on (0)' },
    { name: 'timeout', short: 't', value: 'SECONDS', summary: 'give up after that (exit 1, timeout)' },
  ],
  examples: [
    ['skein wait build && echo done', 'go on when it succeeded'],
    ['skein wait build -t 600', 'but not longer than ten minutes'],
    ['skein wait api --for listening -t 30', 'until it says so'],
    ['skein wait api/claude', 'until it has nothing more to do'],
  ],
  json: `{id, name, state, code, signal}: code or signal is null. For agents [{id, name, agent, life}].
  With --for {id, name, to}: up to which byte of its output that goes, for --from.`,
  load: () => import('./run.ts'),
};
