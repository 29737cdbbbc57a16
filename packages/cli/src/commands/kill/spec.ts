/** `skein kill`: a signal to a session's program. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const kill: CommandSpec = {
  name: 'kill',
  summary: "send a signal to a session's program and its group, SIGKILL by default",
  args: [{ name: 'ref', summary: 'ids, names, or the beginnings of either', required: true, many: true }],
  options: [
    {
      name: 'signal',
      short: 's',
      value: 'NAME',
      summary: 'HUP, INT, QUIT, TERM, KILL, USR1, USR2, STOP or CONT',
    },
  ],
  examples: [
    ['skein kill api', 'end it at once'],
    ['skein kill api -s USR1', 'tell it something'],
  ],
  json: '[{id, name, signal}], in the order given.',
  load: () => import('./run.ts'),
};
