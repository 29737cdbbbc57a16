/** After damage to the log: the node's index and the sessions are made to say the same of every device (rules L6, M2). */
import { NODE_ITSELF } from '@skein/protocol/members/who';
import { type NodeState, sessionsIn } from '@skein/protocol/sessions/node-state';
import type { KernelApi } from '../kernel/types.ts';

/** Where they differ, the lesser holds (see decide.ts). */
export async function agreeAll(kernel: Pick<KernelApi, 'state' | 'submit' | 'head'>): Promise<void> {
  const { state } = await kernel.state<NodeState>('node');
  for (const { id, devices } of sessionsIn(state)) {
    const target = `session/${id}`;
    if (kernel.head(target) === undefined) continue;
    await kernel.submit(NODE_ITSELF, { target, type: 'members.agree', body: { devices } });
  }
}
