/** `skein release`: claims given back. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const release: CommandSpec = {
  name: 'release',
  summary: 'give back what you have claimed',
  details: `All that you hold and wait for, or the claims that lie within these paths. In a program that works in a workspace
its name is left out, and it is that program's claims that end.`,
  args: [{ name: 'words', summary: 'the workspace, and paths in it', many: true }],
  options: [
    { name: 'workspace', short: 'w', value: 'NAME', summary: 'the workspace: then all words are paths' },
    { name: 'for', value: 'HOLDER', summary: 'whose claims: session/agent, or me' },
  ],
  examples: [
    ['skein release api', 'everything of yours'],
    ["skein release api 'src/**'", 'what you hold there'],
    ['skein release api --for work/claude', 'what an agent holds'],
  ],
  json: '{released}: the ids of the claims that have ended.',
  load: () => import('./run.ts'),
};
