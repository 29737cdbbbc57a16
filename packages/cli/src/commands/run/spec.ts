/** `skein run`: a new session. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const runSpec: CommandSpec = {
  name: 'run',
  summary: 'start a program in a new session and attach to it',
  details: `The program gets this environment and this directory. Without a command it is your shell.
In a terminal you are attached; leave with C-\\ then d, and the program goes on.
Without a terminal (in a script, in a pipe) its output is printed until it ends, and its exit status is this
command's, 128 and the signal's number if a signal ended it. Its input is not stdin: use skein send.
With -d or --json it is only started.`,
  args: [{ name: 'command', summary: 'the program and its arguments', many: true }],
  options: [
    { name: 'detach', short: 'd', summary: 'start it, print its id, and stay here' },
    { name: 'name', short: 'n', value: 'NAME', summary: "the session's name; by default the program's" },
    { name: 'cwd', short: 'C', value: 'DIR', summary: 'where to start it' },
    {
      name: 'env',
      short: 'e',
      value: 'K=V',
      many: true,
      summary: 'a variable of its environment; repeatable',
    },
    { name: 'size', short: 's', value: 'CxR', summary: 'columns and rows to begin with' },
  ],
  passThrough: true,
  examples: [
    ['skein run bash', 'a shell; leave it with C-\\ d'],
    ['skein run', 'your own shell'],
    ['skein run --name api -d -- npm start', 'start a server and stay here'],
    ['skein run -e DEBUG=1 -C /srv -- make test', 'with a variable, elsewhere'],
  ],
  json: '{id, name, run}: the session, and the id of this life of its program.',
  load: () => import('./run.ts'),
};
