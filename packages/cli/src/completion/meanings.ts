/** What the words of each command name, so that a shell can offer what there is. */

import { ROLES } from '@skein/protocol/members/roles';

/** What the shell itself has the names of; no word of ours begins so. */
const SHELLS = [':files', ':directories', ':commands'] as const;
export type ShellNames = (typeof SHELLS)[number];

/** A kind of name that a running node knows, one that the shell knows, or the words themselves. */
export type Meaning =
  | ShellNames
  | 'session'
  | 'agent'
  | 'definition'
  | 'node'
  | 'workspace'
  | 'approval'
  | 'question'
  | readonly string[];

export function isShells(meaning: string): meaning is ShellNames {
  return SHELLS.some((one) => one === meaning);
}

/** By the command's earlier arguments. */
type Meanings = readonly Meaning[] | ((before: readonly string[]) => readonly Meaning[]);

const SIGNALS = ['HUP', 'INT', 'QUIT', 'TERM', 'KILL', 'USR1', 'USR2', 'STOP', 'CONT'];

/** Of arguments, by `command.argument`, or by the argument's name alone. */
export const ARGUMENTS: Readonly<Record<string, Meanings>> = {
  session: ['session'],
  ref: ['session'],
  node: ['node'],
  'run.command': ['definition', ':commands'],
  'wait.ref': ['session', 'agent'],
  'stop.ref': ['session', 'agent'],
  'restart.ref': ['session', 'agent'],
  'rm.ref': ['session', 'agent'],
  'events.ref': ['session', ['node']],
  'compose.action': [['up', 'down', 'ps', 'diff', 'check', 'schema']],
  'spawn.agent': ['definition'],
  'chat.ref': ['agent'],
  'prompt.ref': ['agent'],
  'queue.ref': ['agent'],
  'queue.action': [['show', 'edit', 'cancel']],
  'cancel.ref': ['agent'],
  'agents.ref': ['agent'],
  'approvals.ref': ['agent'],
  'approve.id': ['approval'],
  'deny.id': ['approval'],
  'rules.action': [['show', 'rm']],
  'task.action': [['add', 'ls', 'show', 'cancel', 'retry', 'slots']],
  'answer.question': ['question'],
  'mode.ref': ['agent'],
  'model.ref': ['agent'],
  'transcript.ref': ['agent'],
  'usage.ref': ['agent'],
  'agent.action': [['ls', 'show', 'add', 'rm', 'doctor', 'trust']],
  'agent.what': ([action]) => {
    if (action === 'add') return [':files'];
    return action === 'trust' ? [':directories'] : ['definition'];
  },
  'workspace.action': [['create', 'ls', 'show', 'rm']],
  'workspace.what': ([action]) =>
    action === 'create' ? [['git', 'local', 'scratch', 'worktree']] : ['workspace'],
  'workspace.from': ([, what]) => {
    if (what === 'local') return [':directories'];
    return what === 'worktree' ? ['workspace'] : [];
  },
  'claim.words': ['workspace', ':files'],
  'claims.words': ['workspace', ':files'],
  'release.words': ['workspace', ':files'],
  'diff.ref': ['agent', 'workspace'],
  'land.ref': ['agent', 'workspace'],
  'role.role': [ROLES],
  'node.action': [['show', 'add', 'rename', 'forget', 'block', 'unblock']],
  'node.name': [],
  'grant.node': ['node', ['revoke']],
  'relay.action': [['serve']],
  'completion.shell': [['bash', 'zsh', 'fish']],
};

/** Of options, by `command.option`, or by the option's name alone. */
export const OPTIONS: Readonly<Record<string, Meanings>> = {
  home: [':directories'],
  cwd: [':directories'],
  file: [':files'],
  workspace: ['workspace'],
  on: ['node'],
  in: ['session'],
  session: ['session'],
  role: [ROLES],
  signal: [SIGNALS],
  agent: ['definition'],
  to: ['agent'],
  for: ['agent'],
  image: [':files'],
  admission: [':files'],
  sort: [['state', 'cpu', 'mem', 'cost', 'name']],
  history: [['from-join', 'all']],
  'screen.history': [],
  'transcript.agent': [],
  'export.format': [['jsonl', 'text']],
  'transcript.format': [['md', 'text', 'jsonl']],
  'workspace.keep': [['always', 'last']],
  'grant.away': [['stop', 'go-on']],
  'grant.claims': [['hold', 'local', 'stop']],
};

/** What a word means there: of an argument or an option (`table`), behind these arguments. */
export function meaningsOf(
  table: typeof ARGUMENTS,
  command: string,
  name: string,
  before: readonly string[],
): readonly Meaning[] {
  const found = table[`${command}.${name}`] ?? table[name] ?? [];
  return typeof found === 'function' ? found(before) : found;
}
