/** `skein tickets`: the invitations that can still be used. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const tickets: CommandSpec = {
  name: 'tickets',
  summary: 'the tickets of a session that can still be used',
  args: [{ name: 'session', summary: 'id, name, or the beginning of either', required: true }],
  options: [{ name: 'withdraw', value: 'ID', summary: 'let nobody else come by this one' }],
  examples: [
    ['skein tickets api', 'what is out there'],
    ['skein tickets api --withdraw k3j5n2a7qxyz', 'take one back'],
  ],
  json: `[{id, role, made, expires, expiresIn, uses, left, history, member, by}], or {ticket} with --withdraw.
  expiresIn: ms left, by the clock of the session's node.`,
  load: () => import('./run.ts'),
};
