/** `skein diff`: what an agent has changed. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const diff: CommandSpec = {
  name: 'diff',
  summary: 'what an agent has changed: commits, what is not committed, and new files',
  details: `Of an agent with a worktree of its own, what that has and the branch it would land on has not; of one that
shares its tree, what is not committed there. Nothing is written anywhere. Without an agent: of the workspace
that this program was put into, or that this directory lies in.`,
  args: [{ name: 'ref', summary: 'an agent, or a workspace by its name, its id or a path in it' }],
  options: [
    { name: 'stat', short: 's', summary: 'the files, and how much of each' },
    { name: 'onto', value: 'BRANCH', summary: 'compare with this branch; by default the one its base is on' },
  ],
  examples: [
    ['skein diff api', 'what the agent of session api has'],
    ['skein diff api/claude --stat', 'by file'],
    ['skein diff app | git apply', 'the same here'],
  ],
  json: `{workspace: {id, name, root}, branch, head, onto, from, commits: [{hash, subject}],
  files: [{path, added, removed}], diff, cut}. onto: null in a shared tree; added, removed: null of what is
  no text; cut: there is more; brought: {node, at, doing, left, why} of an agent on another machine.`,
  load: () => import('./run.ts'),
};
