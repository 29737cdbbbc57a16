/** `skein claims`: who holds what of a workspace. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const claims: CommandSpec = {
  name: 'claims',
  summary: 'who holds which paths of a workspace, and who waits',
  details: 'With paths only what overlaps them is shown.',
  args: [{ name: 'words', summary: 'the workspace, and paths in it', many: true }],
  options: [
    { name: 'workspace', short: 'w', value: 'NAME', summary: 'the workspace: then all words are paths' },
  ],
  examples: [
    ['skein claims api', 'all of them'],
    ["skein claims api 'src/**'", 'what stands in the way of writing there'],
  ],
  json: `{id, name, claims: [{claim, globs, holder, fence, implicit, until, since, before, writing}]}
  id, name: the workspace's; fence and until are null for one that waits, with so many before it. Times: ms since 1970.`,
  load: () => import('./run.ts'),
};
