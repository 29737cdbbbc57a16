/** What a session has come to, for those that wait for it. Pure. */
import { SkeinError } from '@skein/protocol/errors';
import { type SessionState, stateOf } from '@skein/protocol/sessions/state';

/** Whether a session's program has started, or failed to; where it has none, its agents. */
export function settled(state: SessionState): boolean {
  return stateOf(state) !== 'starting';
}

/** Whether a session's program has ended, and its agents have. */
export function over(state: SessionState): boolean {
  return settled(state) && stateOf(state) !== 'running';
}

/** Whether its program has started or failed to, whatever its agents do; it may never have one. */
export function programSettled({ run, agents }: SessionState): boolean {
  return run === null ? Object.keys(agents).length > 0 : run.state !== 'starting';
}

/** A session of agents alone has nothing to show or to type into. */
export function checkTerminal({ run, name, agents }: SessionState): void {
  if (run === null && Object.keys(agents).length > 0)
    throw new SkeinError(
      'no_terminal',
      `Session "${name}" has agents and no terminal. Talk to them: skein chat ${name}`,
    );
}
