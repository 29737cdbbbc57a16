/** `skein logs`: the node's own log. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const logs: CommandSpec = {
  name: 'logs',
  summary: "the node's own log",
  details: 'Read from <home>/logs; no node need run.',
  args: [],
  options: [
    { name: 'lines', short: 'n', value: 'N', summary: 'the last N lines (50)' },
    { name: 'follow', short: 'f', summary: 'go on with those that come' },
  ],
  examples: [
    ['skein logs', 'the last lines'],
    ['skein logs -n 500 -f', 'more of them, and those that come'],
  ],
  json: '[{level, time, pid, msg, …}] as pino writes them; with --follow one object a line.',
  load: () => import('./run.ts'),
};
