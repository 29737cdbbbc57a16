/** `skein screen`: what a session shows. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const screen: CommandSpec = {
  name: 'screen',
  summary: 'print what a session shows',
  args: [{ name: 'ref', summary: 'id, name, or the beginning of either', required: true }],
  options: [
    { name: 'text', summary: 'characters alone (the default)' },
    { name: 'ansi', summary: 'with colours and attributes' },
    { name: 'history', value: 'N', summary: 'and up to N lines that have scrolled away' },
  ],
  examples: [
    ['skein screen api', 'its screen, as text'],
    ['skein screen api --ansi', 'in colour'],
    ['skein screen api --history 200 | less', 'with what came before'],
  ],
  json: `{id, offset, cols, rows, data, applicationCursor?}
  data: the lines, separated by newlines; offset: how many bytes of output it shows;
  applicationCursor: of a running program, whether it wants arrow keys as ESC O A.`,
  load: () => import('./run.ts'),
};
