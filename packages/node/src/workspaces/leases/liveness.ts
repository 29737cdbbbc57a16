/** Whether the process of a run lives, is stopped, or has ended: what its claims are renewed by (rule W1). */
import type { SessionState } from '@skein/protocol/sessions/state';
import { processState } from '../../platform/process.ts';

/** `starting`: it has no process yet. */
export type Liveness = 'starting' | 'running' | 'stopped' | 'ended';

/** Of a run, as its session knows it; one that the session has another run instead of has ended. */
export function livenessOf(
  session: SessionState,
  { run, agent }: { run: string; agent: string | null },
): Liveness {
  if (agent === null) {
    const its = session.run;
    if (its?.run !== run) return 'ended';
    if (its.state === 'starting') return 'starting';
    return its.state === 'running' ? ofProcess(its) : 'ended';
  }
  const its = Object.hasOwn(session.agents, agent) ? session.agents[agent]?.run : undefined;
  if (its?.run !== run || its.ended) return 'ended';
  const far = Object.hasOwn(session.far, agent) ? session.far[agent] : undefined;
  // Of one on another machine its lease tells: after that has run out here, it has there (X3), unless it goes on without.
  if (far !== undefined) return far.link === 'ended' && far.away === 'stop' ? 'ended' : 'running';
  return ofProcess(its);
}

function ofProcess({ pid, start }: { pid?: number; start?: string }): Liveness {
  return pid === undefined || start === undefined ? 'starting' : processState(pid, start);
}
