/** `skein role`: what a member may do. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const role: CommandSpec = {
  name: 'role',
  summary: 'say what a member of a session may do',
  args: [
    { name: 'session', summary: 'id, name, or the beginning of either', required: true },
    { name: 'member', summary: 'id or name', required: true },
    { name: 'role', summary: 'viewer, approver, operator or owner', required: true },
  ],
  options: [],
  examples: [['skein role api bob operator', 'bob may type from now on']],
  json: '{member, name, role}',
  load: () => import('./run.ts'),
};
