/** `skein rename`: another name for a session. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const rename: CommandSpec = {
  name: 'rename',
  summary: 'give a session another name',
  args: [
    { name: 'ref', summary: 'id, name, or the beginning of either', required: true },
    { name: 'name', summary: 'a letter or digit, then letters, digits, ".", "_", "-"', required: true },
  ],
  options: [],
  examples: [['skein rename bash-2 deploy', 'bash-2 is deploy from now on']],
  json: '{id, name}',
  load: () => import('./run.ts'),
};
