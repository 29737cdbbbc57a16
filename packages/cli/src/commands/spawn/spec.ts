/** `skein spawn`: an agent, in a session of its own or beside others. */
import { DIRECT_OPTIONS } from '../../agents/direct.ts';
import { MACHINE_OPTIONS, WORKSPACE_OPTIONS } from '../../agents/where.ts';
import type { CommandSpec } from '../../invocation/spec.ts';

export const spawn: CommandSpec = {
  name: 'spawn',
  summary: 'start an agent, in a new session or in one that is there',
  details: `It gets this environment. In a new session it works in this directory, in another in that session's.
Which agents there are: skein agent ls.
With --on it runs on another machine, by that one's definition and in its environment, and is used from here like any
other: that machine must have granted it (there: skein grant). What it does while this one is away is told later.`,
  args: [
    {
      name: 'agent',
      summary: 'its definition: claude, codex, opencode, gemini, or one of your own',
      required: true,
    },
  ],
  options: [
    { name: 'in', value: 'SESSION', summary: 'add it to this session; node:session on another machine' },
    { name: 'as', value: 'NAME', summary: "the agent's name; by default its definition's" },
    { name: 'name', short: 'n', value: 'NAME', summary: "a new session's name" },
    { name: 'cwd', short: 'C', value: 'DIR', summary: 'where it works' },
    ...WORKSPACE_OPTIONS,
    ...MACHINE_OPTIONS,
    {
      name: 'env',
      short: 'e',
      value: 'K=V',
      many: true,
      summary: 'a variable of its environment; repeatable',
    },
    { name: 'model', short: 'm', value: 'ID', summary: 'which model it begins with' },
    { name: 'mode', value: 'ID', summary: 'in which mode it begins' },
    { name: 'prompt', short: 'p', value: 'TEXT', summary: 'its first prompt' },
    { name: 'resume', value: 'ID', summary: "a session of the agent's own to go on with; its past is told" },
    ...DIRECT_OPTIONS,
  ],
  examples: [
    ['skein spawn claude', 'in a new session, called claude'],
    ['skein spawn codex --in claude', 'beside it, in the same session'],
    ["skein spawn claude --in api --as reviewer -p 'review the last commit'", 'with something to do'],
    ['skein spawn codex --workspace app', 'in a workspace; in a clone in a worktree of its own'],
    ['skein spawn claude --children 4 --depth 1', 'it may start four agents, which start none'],
    ['skein spawn gemini --in laptop:api', 'in a session on another machine, if you own that'],
    ['skein spawn codex --on gpu-box --dir ~/work/api', 'run by another machine, in a session of this one'],
    ['skein spawn codex --on gpu-box --in api -w app', 'there in a clone of a workspace of this machine'],
  ],
  json: '{session, sessionName, agent, name, run, ref}; with --prompt also {prompt}.',
  load: () => import('./run.ts'),
};
