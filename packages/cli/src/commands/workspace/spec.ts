/** `skein workspace`: prepared directories, for agents to work in. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const workspace: CommandSpec = {
  name: 'workspace',
  summary: 'make, see and remove directories for agents to work in',
  details: `create git URL          a clone; --ref a branch, tag or commit, --depth so many commits
create local DIR        a directory of yours, which is never touched
create scratch          an empty one
create worktree NAME    a worktree of that workspace's repository, on a branch of its own
ls, show NAME           which there are; who works in one, and what they have claimed
rm NAME                 remove it, unless it holds work that is nowhere else

Agents come in with skein spawn claude --workspace NAME. Waits until it is ready, unless --detach.
Of URLs none may hold a password: git asks its credential helper, or ssh its keys; nobody is there to be asked.
The hooks of a repository do not run meanwhile, and its submodules are not fetched: that is for --setup.`,
  args: [
    { name: 'action', summary: 'create, ls, show or rm', required: true },
    {
      name: 'what',
      summary: 'create: git, local, scratch or worktree; else its name or id, or a path in it',
    },
    { name: 'from', summary: 'create: the URL, the directory, or the workspace' },
  ],
  options: [
    { name: 'name', short: 'n', value: 'NAME', summary: 'what to call it' },
    { name: 'ref', value: 'REF', summary: 'git: a branch, a tag or a commit' },
    { name: 'depth', value: 'N', summary: 'git: only the newest commits' },
    {
      name: 'branch',
      short: 'b',
      value: 'NAME',
      summary: 'worktree: its branch; by default skein/NAME, a new one',
    },
    { name: 'strict', summary: 'a write needs a claim that was asked for; else the first write takes one' },
    {
      name: 'keep',
      value: 'WHEN',
      summary: 'last: it goes when the last run in it has ended; always (the default)',
    },
    {
      name: 'guard',
      summary: 'local: a pre-commit hook keeps commits from what others have claimed, as in a clone',
    },
    { name: 'no-guard', summary: 'git: no such hook' },
    { name: 'setup', value: 'CMD', summary: 'run by sh in it once its files are there' },
    { name: 'teardown', value: 'CMD', summary: 'run by sh in it before it is removed' },
    {
      name: 'timeout',
      short: 't',
      value: 'TIME',
      summary: 'how long --setup and --teardown may take each; 10m unless given',
    },
    { name: 'detach', short: 'd', summary: 'do not wait until it is ready, or gone' },
    { name: 'force', short: 'f', summary: 'rm: also what is nowhere else' },
  ],
  examples: [
    ['skein workspace create git https://github.com/me/app', 'a clone, called app'],
    ["skein workspace create git git@host:app --setup 'npm ci'", 'and its packages'],
    ['skein workspace create local .', 'this directory'],
    ['skein workspace create worktree app -n fix', 'to try something beside it'],
    ['skein workspace create scratch --keep last', 'for as long as somebody works in it'],
    ['skein workspace show app', 'who is there, and holds what'],
    ['skein workspace rm fix', 'and its branch, if that has landed'],
  ],
  json: `create, show: {id, name, kind, root, life, of, created, runs, claims, source, strict, keep, setup, teardown, why,
  doing, git: {branch, head} | null, inside, held, conflicts, landings, watched}. ls: [the first nine of these].
  life: preparing | ready | failed | removing. rm: {id, name, removed, told}.`,
  load: () => import('./run.ts'),
};
