/** `skein rm`: forgets a session, or one of its agents. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const rm: CommandSpec = {
  name: 'rm',
  summary: 'forget a session that has ended, or one of its agents',
  details:
    'Its name is free again. With --purge its events and its output are removed from the disk as well.',
  args: [
    {
      name: 'ref',
      summary: 'sessions by id, name, or the beginning of either; or session/agent',
      required: true,
      many: true,
    },
  ],
  options: [
    { name: 'purge', summary: 'remove all that is kept of it' },
    { name: 'force', short: 'f', summary: 'end it first when it runs' },
  ],
  examples: [
    ['skein rm build', 'it is not listed any more'],
    ['skein rm -f --purge build web', 'end them and leave nothing'],
  ],
  json: '[{id, name, purged}], in the order given; of an agent {id, name, agent}.',
  load: () => import('./run.ts'),
};
