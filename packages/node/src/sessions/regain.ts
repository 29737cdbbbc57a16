/** A session that the node's index knows and whose own events are lost, as after damage: begun anew, or told as lost. */
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { Listed } from '@skein/protocol/sessions/node-state';
import type { RunState } from '@skein/protocol/sessions/state';
import type { HostedRunInfo } from '../host/control.ts';
import type { KernelApi } from '../kernel/types.ts';

/** Whoever acts is the node; `held` is its program, when a host still has it. What was lost, such as its directory, stays so. */
export async function regain(
  kernel: KernelApi,
  listed: Listed,
  held: HostedRunInfo | undefined,
): Promise<void> {
  const { id, name, argv, run } = listed;
  if (held === undefined) {
    return markAs(kernel, id, 'lost', run === '' ? id : run);
  }
  const { cols, rows } = held;
  const body = { id, name, argv, cwd: '/', run: held.run, cols, rows };
  await kernel.submit(NODE_ITSELF, { target: `session/${id}`, type: 'session.resume', body });
}

/** Puts a run's state into the node's index. */
export async function markAs(kernel: KernelApi, id: string, state: RunState, run: string): Promise<void> {
  await kernel.submit(NODE_ITSELF, { target: 'node', type: 'session.mark', body: { id, state, run } });
}
