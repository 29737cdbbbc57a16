/** A hosted session's decisions about its home: who commands it, and what that one tells (rules X1, X3). Pure. */

import { SkeinError } from '@skein/protocol/errors';
import type { LeaseCommands } from '@skein/protocol/machines/commands';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { DecideContext, Decision } from '../kernel/types.ts';
import type { Giver } from '../members/givers.ts';

export type HostedHandlers = {
  [K in keyof LeaseCommands]: (
    state: SessionState,
    body: LeaseCommands[K],
    giver: Giver,
    ctx: DecideContext,
  ) => Decision;
};

export const hostedHandlers: HostedHandlers = {
  'lease.take': (state) => atHome(state),
  'lease.give': (state) => atHome(state),
  'home.tell': (state) => atHome(state),
};

function atHome({ name }: SessionState): never {
  throw new SkeinError('not_found', `Session "${name}" is at home here: nobody else commands it.`);
}
