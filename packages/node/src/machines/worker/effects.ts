/** What decisions about hosted sessions do to the world (rules K4, X1): what a grant admitted is ended with it, and what was made for a session goes with it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorCode } from '@skein/protocol/errors';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { PeersState } from '@skein/protocol/peers/state';
import { type NodeState, sessionsIn } from '@skein/protocol/sessions/node-state';
import type { KernelApi } from '../../kernel/types.ts';
import { END_GRANTED, type EndGranted, FOLLOW_GRANT } from './grants.ts';
import type { EndLease } from './hosted.ts';
import type { Lapses } from './lapses.ts';

/** Removes the workspace that was made for a hosted session, unless it holds what is nowhere else (W5). */
export const DROP_WORKSPACE = 'drop-workspace';
export interface DropWorkspace {
  workspace: string;
}

export function registerMachineEffects(kernel: KernelApi, lapses: Lapses): void {
  kernel.registerEffect({
    kind: FOLLOW_GRANT,
    idempotent: true,
    async run() {
      await lapses.look();
      return {};
    },
  });
  kernel.registerEffect({
    kind: END_GRANTED,
    idempotent: true,
    async run(body, { signal }) {
      const { grant } = body as EndGranted;
      await endLeases(kernel, (one) => one === grant, signal);
      return {};
    },
  });
  kernel.registerEffect({
    kind: DROP_WORKSPACE,
    idempotent: true,
    async run(body) {
      const target = `workspace/${(body as DropWorkspace).workspace}`;
      await kernel.submit(NODE_ITSELF, { target, type: 'workspace.unhosted', body: {} });
      return {};
    },
  });
}

/** After damage to the log: what nobody lets run here any more, as far as is known, is ended. */
export async function endUngranted(kernel: KernelApi, aborted: AbortSignal): Promise<void> {
  if (kernel.head('peers') === undefined) return endLeases(kernel, () => true, aborted);
  const { state } = await kernel.state<PeersState>('peers');
  await endLeases(kernel, (grant) => !Object.hasOwn(state.grants, grant), aborted);
}

async function endLeases(
  kernel: KernelApi,
  which: (grant: string) => boolean,
  aborted: AbortSignal,
): Promise<void> {
  const { state } = await kernel.state<NodeState>('node');
  const under = sessionsIn(state).filter(({ hosted }) => hosted !== undefined && which(hosted.grant));
  await Promise.all(under.map(({ id }) => endLease(kernel, `session/${id}`, aborted)));
}

/** What keeps something from being recorded for a while. */
const LATER: readonly ErrorCode[] = ['storage_unavailable', 'mailbox_full'];
/** Milliseconds between two tries. */
const AGAIN_MS = 1_000;

/** On a disk that is full, too: what runs without a grant is ended as soon as that can be recorded. */
async function endLease(kernel: KernelApi, target: string, aborted: AbortSignal): Promise<void> {
  const body: EndLease = { why: 'revoked' };
  while (!aborted.aborted) {
    const reply = await kernel.submit(NODE_ITSELF, { target, type: 'lease.end', body });
    if (reply.ok || !LATER.includes(reply.error.code)) return;
    await sleep(AGAIN_MS, undefined, { signal: aborted }).catch(() => {});
  }
}
