/** `skein events`: what has happened, and what happens. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const events: CommandSpec = {
  name: 'events',
  summary: 'what has happened to a session, or on the node',
  details: 'Following goes on where it was when the node restarts; nothing is missed or told twice.',
  args: [{ name: 'ref', summary: "a session, or node for the node's own events (the default)" }],
  options: [
    { name: 'from', value: 'N', summary: 'only those after offset N (0)' },
    { name: 'follow', short: 'f', summary: 'go on with those that come' },
  ],
  examples: [
    ['skein events', 'sessions that came and went'],
    ['skein events api -f', 'follow one session'],
    ['skein events api --from 12 --json', 'for programs'],
  ],
  json: `[{stream, epoch, offset, at, type, by, body}]; with --follow one such object a line.
  at: ms since 1970.`,
  load: () => import('./run.ts'),
};
