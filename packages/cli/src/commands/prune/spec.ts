/** `skein prune`: forgets the sessions that ended long ago. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const prune: CommandSpec = {
  name: 'prune',
  summary: 'forget all sessions that ended long ago',
  details: [
    'Those of this machine: never one that runs, that is to start, that has open tasks or questions, or that another',
    'machine has here. Nothing is forgotten by itself. With --purge their events and output are removed from the disk,',
    'and so are those of sessions that were forgotten before: skein rm --help says what stays.',
  ].join('\n'),
  args: [],
  options: [
    { name: 'older', value: 'TIME', summary: 'what ended longer ago than that: 12h, 30d' },
    { name: 'purge', summary: 'remove events and output from the disk' },
    { name: 'dry-run', summary: 'only say which it would be' },
  ],
  examples: [
    ['skein prune --older 30d --dry-run', 'what would go'],
    ['skein prune --older 30d', 'they are not listed any more'],
    ['skein prune --older 90d --purge', 'nothing of them is kept; for a daily timer, say'],
  ],
  json: '[{id, name, purged}] of each that is gone, or would be; name is null of one forgotten before.',
  load: () => import('./run.ts'),
};
