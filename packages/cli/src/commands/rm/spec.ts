/** `skein rm`: forgets a session, or one of its agents. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const rm: CommandSpec = {
  name: 'rm',
  summary: 'forget a session that has ended, or one of its agents',
  details: [
    'Its name is free again. With --purge its events and its output are removed from the disk as well; those of one that was',
    'forgotten without it stay there until it is named once more with --purge, by its whole id. What the node tells',
    "of all sessions stays in skein events: its names, its program's arguments, who its agents and members were.",
  ].join('\n'),
  args: [
    {
      name: 'ref',
      summary: 'sessions by id, name, or the beginning of either; or session/agent',
      required: true,
      many: true,
    },
  ],
  options: [
    { name: 'purge', summary: 'remove its events and output from the disk' },
    { name: 'force', short: 'f', summary: 'end it first when it runs' },
  ],
  examples: [
    ['skein rm build', 'it is not listed any more'],
    ['skein rm -f --purge build web', 'end them, and remove what was recorded in them'],
    ['skein rm --purge 7siylgkxpr43', 'the same of one that was forgotten before; skein events has its id'],
  ],
  json: '[{id, name, purged}] of each that is gone; name is null of one forgotten before. Of an agent {id, name, agent}.',
  load: () => import('./run.ts'),
};
