/** `skein resize`: another size for a session's terminal. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const resize: CommandSpec = {
  name: 'resize',
  summary: "set the size of a session's terminal",
  details: 'It lasts until somebody who is attached types: then theirs is taken again.',
  args: [
    { name: 'ref', summary: 'id, name, or the beginning of either', required: true },
    { name: 'size', summary: 'columns and rows, as in 120x40', required: true },
  ],
  options: [],
  examples: [['skein resize api 120x40', '120 columns, 40 rows']],
  json: '{cols, rows}',
  load: () => import('./run.ts'),
};
