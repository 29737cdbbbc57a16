/** What the node adds to a command that starts a program in a sandbox: what it claims, its patterns as the disk has them (rules W1, W4). */
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';
import { valueAt } from '@skein/protocol/keyed';
import type { NodeCommands } from '@skein/protocol/sessions/commands';
import type { NodeState } from '@skein/protocol/sessions/node-state';
import { formatPattern, parsePattern } from '@skein/protocol/workspaces/patterns';
import type { SandboxClaim } from '@skein/protocol/workspaces/placed';
import type { Command, KernelApi } from '../../kernel/types.ts';
import { realised } from '../claims/facts.ts';

export interface SandboxFacts {
  globs?: string[];
  /** Why it cannot be claimed. */
  bad?: ErrorBody;
}

/** Undefined for other commands. */
export function sandboxFacts(
  kernel: Pick<KernelApi, 'peek'>,
  { target, type, body }: Command,
): SandboxFacts | undefined {
  if (target !== 'node' || type !== 'session.create') return undefined;
  const { workspace, sandbox } = (body ?? {}) as Partial<NodeCommands['session.create']>;
  if (!Array.isArray(sandbox?.globs) || typeof workspace !== 'string') return undefined;
  const node = kernel.peek<NodeState>('node');
  const root = node && valueAt(node.workspaces, workspace)?.root;
  if (root === undefined) return undefined;
  try {
    const globs = sandbox.globs.map((glob) => formatPattern(realised(root, parsePattern(glob))));
    return { globs: [...new Set(globs)] };
  } catch (error) {
    return { bad: SkeinError.from(error).toBody() };
  }
}

/** The claim by which a program may write in its sandbox; nothing for one that is in none. Throws what is wrong with it. */
export function claimedBy(
  { workspace, sandbox }: NodeCommands['session.create'],
  facts: SandboxFacts | undefined,
): { sandbox?: SandboxClaim } {
  if (sandbox === undefined) return {};
  if (workspace === undefined)
    throw new SkeinError('bad_request', 'A sandbox is of a workspace. Give one: --workspace NAME.');
  if (facts?.bad !== undefined) throw SkeinError.fromBody(facts.bad);
  if (facts?.globs === undefined) throw new SkeinError('not_found', `There is no workspace ${workspace}.`);
  return { sandbox: { claim: sandbox.claim, globs: facts.globs } };
}
