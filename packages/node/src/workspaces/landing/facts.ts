/** What the node adds to the command that something is to land: whose work it is. */
import { valueAt } from '@skein/protocol/keyed';
import type { NodeState } from '@skein/protocol/sessions/node-state';
import type { WorkspaceCommands } from '@skein/protocol/workspaces/commands';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { Command, KernelApi } from '../../kernel/types.ts';
import type { LandingFacts } from '../decide-landings.ts';

export function landingFacts(
  kernel: Pick<KernelApi, 'peek'>,
  { type, body }: Command,
): LandingFacts | undefined {
  if (type !== 'landing.begin') return undefined;
  const { from: id } = (body ?? {}) as Partial<WorkspaceCommands['landing.begin']>;
  const index = kernel.peek<NodeState>('node');
  const one = index === undefined || typeof id !== 'string' ? undefined : valueAt(index.workspaces, id);
  if (one === undefined) return { from: null };
  const { name, root, of } = one;
  const state = kernel.peek<WorkspaceState>(`workspace/${id}`);
  return { from: { name, root, of, told: state === undefined ? [] : concerned(state) } };
}

/** The agents at work there, and the one it was made for. */
function concerned({ runs, agent }: WorkspaceState): NonNullable<LandingFacts['from']>['told'] {
  const all = [...(agent === null ? [] : [agent]), ...Object.values(runs)];
  const told = new Map(
    all.map((one) => [`${one.session} ${one.agent}`, { session: one.session, agent: one.agent }]),
  );
  return [...told.values()];
}
