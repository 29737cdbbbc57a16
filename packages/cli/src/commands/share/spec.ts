/** `skein share`: a ticket by which somebody on another machine joins a session. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const share: CommandSpec = {
  name: 'share',
  summary: 'make a ticket by which somebody joins a session from another machine',
  details: `A viewer looks on, an approver answers what agents ask, an operator types, an owner shares as well.
Whoever holds the ticket can use it: give it to one person, by a way that you trust.`,
  args: [{ name: 'session', summary: 'id, name, or the beginning of either', required: true }],
  options: [
    { name: 'role', value: 'ROLE', summary: 'viewer (default), approver, operator or owner' },
    { name: 'expires', value: 'TIME', summary: 'how long it can be used: 30m, 1h (default), 7d' },
    { name: 'uses', value: 'N', summary: 'how many devices may use it (default 1)' },
    { name: 'history', value: 'WHICH', summary: 'what they may read: from-join (default) or all' },
    { name: 'relay', value: 'URL', many: true, summary: 'meet at this relay too, from now on' },
    { name: 'member', value: 'NAME', summary: 'a further device of this member, not a new one' },
  ],
  examples: [
    ['skein share api', 'somebody may look on; they have an hour to come'],
    ['skein share api --role operator --relay wss://relay.example.org', 'and type, met at a relay'],
    ['skein share api --member alice', "alice's second device"],
    ['skein share api --json | jq -r .ticket', 'for programs'],
  ],
  json: `{ticket, role, expires, session, name, uses, history, relays, addrs, warnings: [{message, advice}]}
  ticket: one line, a secret; expires: ms since 1970; warnings: what may keep it from being of use, also on stderr.`,
  load: () => import('./run.ts'),
};
