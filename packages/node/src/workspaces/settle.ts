/**
 * Brings workspaces and sessions together after a start: their streams are apart, and damage to one is not damage to the other.
 * Without that, a workspace could not be removed for a run of which no session knows any more.
 */
import { SkeinError } from '@skein/protocol/errors';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { KernelApi } from '../kernel/types.ts';
import type { Sessions } from '../sessions/service.ts';
import type { Leaving } from './decide-runs.ts';
import type { Workspaces } from './service.ts';
import { insideOf } from './visits.ts';

interface SettleContext {
  kernel: KernelApi;
  sessions: Sessions;
  workspaces: Workspaces;
  log(level: 'warn', message: string, data?: Record<string, unknown>): void;
}

/** Never rejects: what cannot be looked at now is looked at after the next start. */
export async function settleWorkspaces({ kernel, sessions, workspaces, log }: SettleContext): Promise<void> {
  const tell = (target: string, type: string, body: unknown) =>
    kernel.submit(NODE_ITSELF, { target, type, body });
  try {
    // Workspaces first: whoever comes in meanwhile is not among those that may be gone.
    const inside: { id: string; run: string }[] = [];
    for (const { id, name, root } of await workspaces.list()) {
      const { life, runs } = await workspaces.workspace(id);
      inside.push(...Object.keys(runs).map((run) => ({ id, run })));
      if (life !== 'none') continue;
      log('warn', 'Nothing is known of a workspace any more; its files stay.', { id, name, root });
      await tell('node', 'workspace.forget', { id });
    }
    if (inside.length === 0) return;
    const known = new Set<string>();
    for (const { id } of await sessions.list())
      for (const [run, { rests }] of insideOf(await sessions.session(id))) if (!rests) known.add(run);
    for (const { id, run } of inside) {
      const leaving: Leaving = { run, again: false };
      if (!known.has(run)) await tell(`workspace/${id}`, 'run.left', leaving);
    }
  } catch (error) {
    log('warn', 'Workspaces were not brought together with sessions.', {
      error: SkeinError.from(error).message,
    });
  }
}
