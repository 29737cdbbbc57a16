/** `skein land`: brings an agent's work onto a branch. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const land: CommandSpec = {
  name: 'land',
  summary: "bring an agent's work onto the branch of its base, one at a time, undoable",
  details: `Commits what is not committed in the worktree (as you, with the repository's hooks), rebases or merges it
onto the branch in a tree off to the side, runs the check there, and then moves the branch; trees that have it
checked out follow. It stops, with nothing changed, at a conflict, when the check fails, where it would
overwrite what is not committed or not known to git, and where somebody else has claimed what it would change.
Ctrl-C cancels it. Afterwards the worktree goes on from where it has landed. What an agent on another machine has
done is brought here before.`,
  args: [
    {
      name: 'ref',
      summary: 'an agent with a worktree of its own, or a worktree: its name, its id, a path in it',
    },
  ],
  options: [
    { name: 'onto', value: 'BRANCH', summary: 'the branch; by default the one its base is on' },
    { name: 'merge', summary: 'with a merge commit, instead of rebased' },
    {
      name: 'check',
      short: 'c',
      value: 'CMD',
      summary: 'run by sh on the result, which lands only if it succeeds',
    },
    { name: 'timeout', short: 't', value: 'TIME', summary: 'how long that may take; 10m unless given' },
    {
      name: 'message',
      short: 'm',
      value: 'TEXT',
      summary: 'what the commit says, of what is not committed or of the merge',
    },
    { name: 'now', summary: 'although the agent is in the middle of a turn' },
    {
      name: 'brought',
      summary: 'of an agent on another machine: what was brought from there last, without asking it',
    },
    { name: 'detach', short: 'd', summary: 'do not wait for its end' },
    { name: 'undo', value: 'LANDING', summary: 'take a landing back: its id, or the newest of a worktree' },
    { name: 'cancel', value: 'LANDING', summary: 'end one that waits or runs' },
  ],
  examples: [
    ['skein land api', 'the work of the agent of session api'],
    ["skein land api/claude --check 'npm test'", 'if the tests pass on the result'],
    ['skein land fix --onto release --merge', 'a worktree, onto another branch'],
    ['skein land --undo fix', 'as if it had not landed'],
  ],
  json: `{landing, state, from, fromName, branch, onto, how, before, after, commits, message, paths, output, …}.
  state: landed | undone; waiting or running with --detach. One that stops is an error: landing_stopped, with
  {landing, paths, output}.`,
  load: () => import('./run.ts'),
};
