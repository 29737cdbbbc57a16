/** Into which workspace an agent or a program is to be put, as the options of `run` and `spawn` say it. */
import type { AgentSpec } from '@skein/protocol/agents/commands';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { Call } from '../invocation/call.ts';
import type { OptionSpec } from '../invocation/spec.ts';

export const WORKSPACE_OPTIONS: readonly OptionSpec[] = [
  { name: 'workspace', short: 'w', value: 'NAME', summary: 'where it works: skein workspace ls' },
  { name: 'worktree', summary: 'an agent: in a worktree of its own there; so it is unless said in a clone' },
  { name: 'shared', summary: 'an agent: in the workspace itself, beside others' },
];

export type Where = Pick<AgentSpec, 'workspace' | 'worktree'>;

/** Checks what can be checked before anybody is asked. */
export function checkWhere(call: Call, agent: boolean, node?: string): void {
  const [worktree, shared] = [call.flag('worktree'), call.flag('shared')];
  if (worktree && shared) throw new SkeinError('bad_request', 'Give --worktree or --shared, not both.');
  if (call.text('workspace') === undefined) {
    if (!worktree && !shared) return;
    throw new SkeinError('bad_request', `--${worktree ? 'worktree' : 'shared'} goes with --workspace NAME.`);
  }
  if (node !== undefined)
    throw new SkeinError(
      'bad_request',
      'Workspaces are of this machine; an agent on another cannot be put into one.',
    );
  if (worktree && !agent)
    throw new SkeinError(
      'bad_request',
      'A worktree of its own is for agents. For a program make one first.',
      {
        see: 'skein workspace create worktree --help',
      },
    );
}

export async function whereOf(call: Call, client: Client): Promise<Where> {
  const name = call.text('workspace');
  if (name === undefined) return {};
  const { id } = await client.ask('workspace', { workspace: name });
  if (call.flag('worktree')) return { workspace: id, worktree: true };
  return call.flag('shared') ? { workspace: id, worktree: false } : { workspace: id };
}
