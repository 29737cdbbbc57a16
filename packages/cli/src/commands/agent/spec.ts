/** `skein agent`: the definitions of agents that can be started. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const agent: CommandSpec = {
  name: 'agent',
  summary: 'see, add, remove and check the agents that can be started',
  details: `ls       all: those that come with Skein, yours, and this workspace's
show     what one says, and where it is from
add      a definition from a file (- for stdin), or a new one to fill in
rm       one of yours
doctor   whether their programs are there, and your files right
trust    agree to what a workspace's .skein holds, after it was shown

A definition is a YAML file: yours in agents/ of SKEIN_HOME, a workspace's in .skein/agents. A workspace's is used only
when you have agreed to it as it is; when it changes you are asked again. What agents may do unasked is in policy.yaml.`,
  args: [
    { name: 'action', summary: 'ls, show, add, rm, doctor or trust', required: true },
    { name: 'what', summary: 'a name; for add a file; for trust a directory' },
  ],
  options: [
    { name: 'name', value: 'NAME', summary: "add: what to call it, instead of the file's name" },
    { name: 'from-template', summary: 'add: make a new file of that name, to be filled in' },
    { name: 'force', summary: 'add: in place of one that is there' },
    { name: 'yes', short: 'y', summary: 'trust: agree without being asked' },
    { name: 'withdraw', summary: 'trust: agree no longer' },
  ],
  examples: [
    ['skein agent ls', 'what can be started here'],
    ['skein agent show codex', 'how it is started'],
    ['skein agent add mine --from-template', 'a new one, with all fields explained'],
    ['skein agent add ~/reviewer.yaml', 'one that somebody gave you'],
    ['skein agent doctor claude', 'why it does not start'],
    ['skein agent trust', 'agree to what this workspace brings'],
  ],
  json: `ls: [{name, driver, found, version, command, path, source, instead, title, install, problem}].
show: {name, source, instead, definition}. add, rm: {name, file}. doctor: {ok, checks}.
trust: {workspace, trusted, files: [{file, hash}]}.`,
  load: () => import('./run.ts'),
};
