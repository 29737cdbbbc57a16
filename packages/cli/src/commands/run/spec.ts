/** `skein run`: a new session, of a program or of an agent. */
import { DIRECT_OPTIONS } from '../../agents/direct.ts';
import { MACHINE_OPTIONS, WORKSPACE_OPTIONS } from '../../agents/where.ts';
import type { CommandSpec } from '../../invocation/spec.ts';

export const runSpec: CommandSpec = {
  name: 'run',
  summary: 'start a program or an agent in a new session and attach to it',
  details: `The program gets this environment and this directory. Without a command it is your shell.
In a terminal you are attached; leave with C-\\ then d, and the program goes on.
Without a terminal (in a script, in a pipe) its output is printed until it ends, and its exit status is this
command's, 128 and the signal's number if a signal ended it. Its input is not stdin: use skein send.
With -d or --json it is only started.
The name of an agent (skein agent ls) alone starts that agent, and you talk to it: skein chat. With a path, with
arguments or after -- it is a program like any other. With --pty you get its own interface, and it is an agent
nevertheless: it can be prompted, and what it asks be answered, from elsewhere.`,
  args: [{ name: 'command', summary: 'the program and its arguments; or an agent', many: true }],
  options: [
    { name: 'detach', short: 'd', summary: 'start it, print its id, and stay here' },
    { name: 'name', short: 'n', value: 'NAME', summary: "the session's name; by default the program's" },
    { name: 'cwd', short: 'C', value: 'DIR', summary: 'where to start it' },
    ...WORKSPACE_OPTIONS,
    ...MACHINE_OPTIONS,
    { name: 'sandbox', summary: 'a program: it can write nothing of its workspace but what --claim names' },
    { name: 'claim', value: 'GLOB', many: true, summary: 'with --sandbox: what it may write; repeatable' },
    {
      name: 'env',
      short: 'e',
      value: 'K=V',
      many: true,
      summary: 'a variable of its environment; repeatable',
    },
    { name: 'size', short: 's', value: 'CxR', summary: 'columns and rows to begin with' },
    { name: 'keep', value: 'SIZE', summary: "how much of a program's output is kept; by default 64MiB" },
    { name: 'model', short: 'm', value: 'ID', summary: "an agent's model to begin with" },
    { name: 'mode', value: 'ID', summary: "an agent's mode to begin with" },
    { name: 'prompt', short: 'p', value: 'TEXT', summary: "an agent's first prompt" },
    { name: 'resume', value: 'ID', summary: "a session of the agent's own to go on with" },
    { name: 'as', value: 'NAME', summary: "the agent's name" },
    ...DIRECT_OPTIONS,
    { name: 'pty', summary: "an agent with its own interface; further words are its program's" },
  ],
  passThrough: true,
  examples: [
    ['skein run bash', 'a shell; leave it with C-\\ d'],
    ['skein run', 'your own shell'],
    ['skein run --name api -d -- npm start', 'start a server and stay here'],
    ['skein run claude', 'an agent; talk to it'],
    ["skein run -d -p 'fix the tests' codex", 'one that is given something to do'],
    ['skein run --workspace app claude', 'one in a workspace: skein workspace --help'],
    ["skein run -w app --sandbox --claim 'src/**' -- make", 'a program that can write there alone'],
    ['skein run --on gpu-box claude', 'one on another machine: skein spawn --help'],
    ['skein run --pty claude', 'an agent with its own interface'],
    ['skein run -- claude', 'the same as any program, and nobody hears of what it does'],
    ['skein run --keep 1GiB -- npm run build', 'with more of its output kept than 64 MiB'],
    ['skein run -e DEBUG=1 -C /srv -- make test', 'with a variable, elsewhere'],
  ],
  json: '{id, name, run}: the session, and the id of this life of its program. Of an agent as skein spawn.',
  load: () => import('./run.ts'),
};
