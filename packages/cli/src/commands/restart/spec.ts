/** `skein restart`: another node in the old one's place, or an agent's process. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const restart: CommandSpec = {
  name: 'restart',
  summary: 'stop the node and start it again, as after an update; or start an agent again',
  details: `Alone it is for the node: no session is touched, and whoever is attached does not notice.
An agent goes on with its own session where it can; what waits in its queue comes next.`,
  args: [{ name: 'ref', summary: 'agents: session or session/agent', many: true }],
  options: [{ name: 'fresh', summary: 'an agent begins anew, and knows nothing of before' }],
  examples: [
    ['skein restart', 'let the node be of the version that is installed'],
    ['skein restart api/claude', 'an agent that is stuck, or has ended'],
  ],
  json: '{pid, version, build, home, before: {pid, version, build} | null}; for agents [{id, name, agent, run, resumed}].',
  load: () => import('./run.ts'),
};
