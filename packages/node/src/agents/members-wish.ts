/** What of a new agent is the machine's user's alone to say (rules M2, M3). Pure. */
import type { AgentSpec } from '@skein/protocol/agents/commands';
import { SkeinError } from '@skein/protocol/errors';
import type { Giver } from '../members/givers.ts';

/**
 * A member starts an agent as it is defined on the machine. What it went on with, and many arguments, would bring to light
 * what other sessions have said. Throws `not_allowed`.
 */
export function checkWish({ args = [], resume }: AgentSpec, giver: Giver): void {
  if (giver.is !== 'member') return;
  const what =
    resume !== undefined ? 'a session of its own to go on with' : args.length > 0 ? 'arguments' : '';
  if (what === '') return;
  const message = `Only the machine's user may give an agent ${what}; leave that out (rule M2).`;
  throw new SkeinError('not_allowed', message, { rule: 'M2', needs: 'node-owner', has: giver.standing.role });
}
