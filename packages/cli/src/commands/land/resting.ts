/** Whether those who work in a worktree are at rest, so that what would be landed is not half of something. */
import { doing } from '@skein/protocol/agents/state';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { WorkspaceShown } from '@skein/protocol/workspaces/asks';

/** Throws `turn_running`; never of the agent that this is the shell of. */
export async function checkResting(client: Client, { inside }: WorkspaceShown): Promise<void> {
  for (const { run, session, agent, name } of inside) {
    if (agent === null || run === process.env.SKEIN_RUN) continue;
    const there = await client.ask('session', { ref: session });
    const one = there.agents[agent];
    const now = one === undefined ? 'idle' : doing(one, there);
    if (now !== 'working' && now !== 'waiting') continue;
    throw new SkeinError(
      'turn_running',
      `${name} is in the middle of a turn, and its work may be half done.`,
      {
        advice: `Wait for it: skein wait ${there.name} · or land what there is: --now`,
      },
    );
  }
}
