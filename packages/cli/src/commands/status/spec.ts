/** `skein status`: how the node does. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const status: CommandSpec = {
  name: 'status',
  summary: 'how the node does',
  args: [],
  options: [],
  examples: [
    ['skein status', 'for people'],
    ['skein status --json', 'for programs'],
  ],
  json: `{pid, version, build, id, home, uptime, hosts: [{id, pid, version, runs, draining}],
  sessions: {total, running, forgotten}, log: {bytes, events, damaged, format}, queues: {mailbox, effects},
  agents: {idle: 2, …},
  mesh, nodes, cli}
  mesh, nodes: as of skein mesh and skein nodes; uptime: seconds; log.bytes: on disk; cli: the version of this command;
  build: of what sources the node is, which differs where versions do not.`,
  load: () => import('./run.ts'),
};
