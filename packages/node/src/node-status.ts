/** What a node tells of itself: `skein status`. */
import type { Status } from '@skein/protocol/sessions/asks';
import type { HostPool } from './hosts/pool.ts';
import type { Kernel } from './kernel/kernel.ts';
import { LOG_FORMAT } from './kernel/log/format.ts';
import { forgottenOf } from './sessions/bygone.ts';
import type { Sessions } from './sessions/service.ts';

/** What a node is a build of. */
export interface Release {
  version: string;
  /** Of what sources, where several have one version. */
  build?: string | undefined;
}

export interface StatusContext {
  kernel: Kernel;
  hosts: HostPool;
  sessions: Sessions;
  home: string;
  node: Release & { id: string };
  damaged: Status['log']['damaged'];
  /** performance.now() of the start. */
  begun: number;
}

export async function statusOf(context: StatusContext): Promise<Status> {
  const { kernel, hosts, sessions, home, node, damaged, begun } = context;
  const list = await sessions.list();
  const { bytes, pending, effectsPending } = kernel.stats();
  const events = kernel.streams().reduce((sum, { first, head }) => sum + head - first + 1, 0);
  return {
    pid: process.pid,
    version: node.version,
    ...(node.build === undefined ? {} : { build: node.build }),
    id: node.id,
    home,
    uptime: Math.round((performance.now() - begun) / 1000),
    hosts: hosts.list(),
    sessions: {
      total: list.length,
      running: list.filter(({ state }) => state === 'running').length,
      forgotten: forgottenOf(kernel, list),
    },
    log: { bytes, events, damaged, format: LOG_FORMAT },
    queues: { mailbox: pending, effects: effectsPending },
  };
}
