/** `skein revoke`: shuts a member out. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const revoke: CommandSpec = {
  name: 'revoke',
  summary: 'shut a member out of a session, or one of their devices',
  details:
    'It takes effect at once, and cannot be undone: whoever is to come back needs a ticket and another device.',
  args: [
    { name: 'session', summary: 'id, name, or the beginning of either', required: true },
    { name: 'member', summary: 'id or name', required: true },
  ],
  options: [{ name: 'device', value: 'DEVICE', summary: 'only this device of theirs: its name or PeerId' }],
  examples: [
    ['skein revoke api bob', 'with all their devices'],
    ['skein revoke api alice --device old-laptop', 'the one that was lost'],
  ],
  json: '{member, name, devices}: the PeerIds that were shut out.',
  load: () => import('./run.ts'),
};
