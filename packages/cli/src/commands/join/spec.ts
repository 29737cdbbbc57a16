/** `skein join`: uses a ticket. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const join: CommandSpec = {
  name: 'join',
  summary: 'join a session on another machine by a ticket',
  args: [
    {
      name: 'ticket',
      summary: 'the ticket; - reads it from stdin, where nobody else can see it',
      required: true,
    },
  ],
  options: [
    { name: 'name', value: 'NAME', summary: "what the others call you, instead of your user's name" },
  ],
  examples: [
    ['skein join skein1…', 'then: skein attach laptop:api'],
    ['skein join - < ticket', 'with the secret in no argument'],
  ],
  json: `{ref, node, session, role, member, name}
  ref: names the session in every command; name: what you are called in it.`,
  load: () => import('./run.ts'),
};
