/** `skein agents`: the agents of sessions, and what they do. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const agents: CommandSpec = {
  name: 'agents',
  summary: 'the agents of sessions, and what they do',
  details: 'Which agents can be started on this machine: skein agent ls.',
  args: [{ name: 'ref', summary: 'of this session or session/agent alone; of all by default' }],
  options: [],
  examples: [
    ['skein agents', 'all that there are on this machine'],
    ['skein agents laptop:api', 'those of one session, elsewhere'],
  ],
  json: `[{session, sessionName, agent, name, definition, doing, life, cwd, turn, queue, model, mode, turns, used, why,
  on: {node, peer, session, link, since, leased, epoch, unleased, untold},
  workspace: {id, name, root} | null, strength: {files, shell} | null, driver, run, pid, resumes,
  above: [agents that it comes from], direct: {depth, spawn, role, approve} | null}]
  doing: starting | idle | working | waiting | stuck | resting | stopped | exited | failed; queue: prompts that wait;
  used: {input, output, cacheRead, cacheWrite, thought, cost, turns}; why: of its end;
  on: only of one on another machine: link: placing | up | down | ended, untold: what it has yet to be told.`,
  load: () => import('./run.ts'),
};
