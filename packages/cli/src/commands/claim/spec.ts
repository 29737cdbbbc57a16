/** `skein claim`: the right to write some paths of a workspace. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const claim: CommandSpec = {
  name: 'claim',
  summary: 'take the right to write some paths of a workspace',
  details: `Paths begin at the workspace's root; ./x and ../x at this directory. * stands for anything in one name, and ** at
the end for everything below: src/api/**. Quote them, so that your shell leaves them as they are.
In a program that works in a workspace its name is left out, and the claim is that program's: it lasts as long as it
runs. Yours has a lease, --ttl, half an hour unless you say; claiming the same again renews it.`,
  args: [{ name: 'words', summary: 'the workspace, and paths in it', required: true, many: true }],
  options: [
    { name: 'workspace', short: 'w', value: 'NAME', summary: 'the workspace: then all words are paths' },
    { name: 'for', value: 'HOLDER', summary: 'whose it is to be: session/agent, or me' },
    { name: 'ttl', value: 'TIME', summary: 'how long it is yours: 30s, 15m, 1h or 7d' },
    { name: 'wait', summary: 'wait for your turn instead of being refused; Ctrl-C withdraws' },
    { name: 'steal', summary: 'take it from whoever holds it: a run that may be writing is ended first' },
    { name: 'reason', value: 'TEXT', summary: 'why it is stolen' },
  ],
  examples: [
    ["skein claim api 'src/db/**' --ttl 2h", 'nobody else writes there for two hours'],
    ["skein claim 'src/x.ts' --wait", 'in the shell of an agent that works in a workspace'],
    ["skein claim api 'src/**' --for work/claude", 'before it begins'],
    ["skein claim api src/x.ts --steal --reason 'release today'", 'from an agent that has it'],
  ],
  json: '{id, fence, until, globs, holder, workspace: {id, name}}: until: ms since 1970, null for as long as a run lives.',
  load: () => import('./run.ts'),
};
