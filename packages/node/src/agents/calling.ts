/** The hook by which somebody is called, as the node has it: who looks is asked of the sessions, that it was run is recorded in them. */
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { KernelApi } from '../kernel/types.ts';
import type { Log } from '../node-log.ts';
import type { Sessions } from '../sessions/service.ts';
import { WaitingHook } from './waiting-hook.ts';
import type { Watching } from './watching.ts';

interface CallingContext {
  home: string;
  log: Log;
  kernel: KernelApi;
  sessions: Sessions;
  watching: Watching;
}

export function waitingHook({ home, log, kernel, sessions, watching }: CallingContext): WaitingHook {
  return new WaitingHook({
    ...{ home, log },
    session: (id) => sessions.session(id),
    mayAnswer: ({ id, run }) => watching.mayAnswer(id, sessions.presence(run?.run ?? '')?.who),
    called: (session, id, kind) =>
      kernel.submit(NODE_ITSELF, {
        target: `session/${session}`,
        type: `${kind}.called`,
        body: { [kind]: id },
      }),
  });
}
