/** `skein attach`: a session in this terminal. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const attach: CommandSpec = {
  name: 'attach',
  summary: 'show a session in this terminal and type into it',
  details: `Leave it with C-\\ then d: the program goes on. C-\\ twice sends one C-\\ to the program.
Other keys: SKEIN_DETACH='C-a d', or {"detach": "C-a d"} in config.json of the home.
The program takes the size of the terminal that typed last; others are shown a view of it.`,
  args: [{ name: 'ref', summary: 'id, name, or the beginning of either; the newest running one by default' }],
  options: [
    { name: 'read-only', short: 'r', summary: 'look on without typing' },
    { name: 'history', value: 'N', summary: 'with up to N lines that have scrolled away, to scroll back to' },
  ],
  examples: [
    ['skein attach', 'the newest session that runs'],
    ['skein attach api', 'the session named api, or the only one that begins so'],
    ['skein attach -r api', 'look over its shoulder'],
    ['skein attach api --history 2000', 'what came before is in the history of this terminal'],
  ],
  json: 'nothing of its own, for it shows the session; errors before that are JSON on stderr.',
  load: () => import('./run.ts'),
};
