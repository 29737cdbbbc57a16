/** `skein compose`: workspaces, programs and agents as a file declares them. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const composeSpec: CommandSpec = {
  name: 'compose',
  summary: 'have what a file declares: workspaces, programs, agents, roles, rules',
  details: `up       make and change what differs from the file; once more changes nothing
down     end what the file has made; --rm: and remove it, but never a directory of yours
ps       what of it is there, and what is missing
diff     what up would do; exit status 1 when something differs
check    what is wrong with the file, by line and column
schema   the JSON Schema of such files, for editors

The file is skein.yaml here, or -f FILE; - is stdin. \${NAME} and \${NAME:-otherwise} are variables.
What up cannot change in place it tells, and makes anew with --restart; what is not in the file any more it tells, and
ends with --prune. What was not made by the file is never touched.`,
  args: [{ name: 'action', summary: 'up, down, ps, diff, check or schema', required: true }],
  options: [
    { name: 'file', short: 'f', value: 'FILE', summary: 'instead of skein.yaml here' },
    { name: 'project', value: 'NAME', summary: "instead of the file's name:; down and ps then need no file" },
    { name: 'restart', summary: 'up: also what has to be made anew' },
    { name: 'prune', summary: 'up: end what is not in the file any more' },
    { name: 'rm', summary: 'down: remove sessions and workspaces, too' },
    { name: 'purge', summary: 'down: and their events and output; see skein rm --help' },
  ],
  examples: [
    ['skein compose check', 'is skein.yaml right?'],
    ['skein compose up', 'have what it says'],
    ['skein compose diff', 'what has changed since'],
    ['skein compose up --restart --prune', 'whatever it takes'],
    ['skein compose ps', 'what is there'],
    ['skein compose down --rm --project shop', 'end and remove what project shop has'],
    ['skein compose schema > skein.schema.json', 'for your editor'],
  ],
  json: `up: {project, done: [{do, sign, what, why}], held: [{sign, what, why, needs}], notes}.
  diff: {project, same, changes, held, notes}. ps: [{kind, part, name, state, declared, id}].
  down: {project, done, left}. check: {file, project, workspaces, sessions, agents}.
  What is wrong with the file: {error: {code, message, data: {file, line, column, field, problems}}}.`,
  load: () => import('./run.ts'),
};
