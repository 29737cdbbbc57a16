/** What a run of an agent needs of its node so as to be driven. */
import type { HostPool } from '../hosts/pool.ts';
import type { KernelApi } from '../kernel/types.ts';
import type { WriteGate } from '../workspaces/gate.ts';
import type { Policies } from './policy/policies.ts';

export interface AgentRunContext {
  kernel: KernelApi;
  hosts: HostPool;
  home: string;
  version: string;
  /** What stands before the writes of those in workspaces. */
  gate?: WriteGate;
  policies: Pick<Policies, 'prepare' | 'judge'>;
  /** The run is over, and all of it recorded. */
  over(run: string): void;
  log(level: 'info' | 'warn', message: string, data?: Record<string, unknown>): void;
}
