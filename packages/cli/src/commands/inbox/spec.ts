/** `skein inbox`: what waits for me. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const inbox: CommandSpec = {
  name: 'inbox',
  summary: 'what waits for you, over all sessions and machines, and what to do about it',
  details: `What agents ask before they go on, questions, tasks that failed or were late, agents that are stuck or failed,
conflicts, and landings that stopped: of this machine's sessions, and of those joined on others. The newest comes
first. Machines that do not answer are named.
With --follow each is told when it comes; a terminal rings its bell and shows a notification.`,
  args: [],
  options: [
    { name: 'follow', short: 'f', summary: 'go on with what comes' },
    { name: 'here', summary: 'of this machine alone' },
  ],
  examples: [
    ['skein inbox', 'all of it'],
    ['skein inbox -f', 'be told of what comes'],
  ],
  json: `{items: [{kind, id, session, sessionName, node, agent, agentName, at, title, detail, options, n, yours, command}],
  away: [{node, error}]}: kind: approval | question | task | agent | conflict | landing; node: null for this one;
  command: what deals with it. With --follow one object a line: {item: {…}} or {gone: {kind, id, session, node}}.`,
  load: () => import('./run.ts'),
};
