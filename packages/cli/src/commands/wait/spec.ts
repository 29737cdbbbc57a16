/** `skein wait`: until a session's program has ended. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const wait: CommandSpec = {
  name: 'wait',
  summary: "wait until a session's program has ended, and end as it did",
  details: `The exit status is the program's, or 128 and the number of the signal that ended it.`,
  args: [{ name: 'ref', summary: 'id, name, or the beginning of either', required: true }],
  options: [
    { name: 'timeout', short: 't', value: 'SECONDS', summary: 'give up after that (exit 1, timeout)' },
  ],
  examples: [
    ['skein wait build && echo done', 'go on when it succeeded'],
    ['skein wait build -t 600', 'but not longer than ten minutes'],
  ],
  json: '{id, name, state, code, signal}: code or signal is null.',
  load: () => import('./run.ts'),
};
