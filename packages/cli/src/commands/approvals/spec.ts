/** `skein approvals`: what agents ask. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const approvals: CommandSpec = {
  name: 'approvals',
  summary: 'what agents ask, and how to answer it',
  details: `With --follow each question is told when it comes, and who answered it; a terminal rings its bell and shows a
notification (OSC 9 and 777). A node that goes away is waited for.`,
  args: [{ name: 'ref', summary: 'of this session or session/agent alone' }],
  options: [
    { name: 'follow', short: 'f', summary: 'go on with those that come' },
    { name: 'all', short: 'a', summary: 'those on other nodes as well' },
  ],
  examples: [
    ['skein approvals', 'what waits for an answer on this machine'],
    ['skein approvals --all', 'and on those that were joined'],
    ['skein approvals -f api', 'be told when an agent of that session asks'],
  ],
  json: `[{approval, session, sessionName, agent, agentName, run, turn, call, tool, kind, title, detail, paths, options,
  at, offset, yours, node}]: yours: whether you may answer; node: null for this one.
  With --follow one object a line: {asked: {…}} or {settled: {approval, session, node}}.`,
  load: () => import('./run.ts'),
};
