/** Terminal lanes to sessions: for the machine's user, and for members' devices within what they may (rules H1, M2, M3). */
import type { ClientFrame } from '@skein/protocol/channel/frames';
import { SkeinError } from '@skein/protocol/errors';
import { hostHello } from '@skein/protocol/host/frames';
import { LOCAL } from '@skein/protocol/host/local';
import { allows, TERMINAL_NEEDS } from '@skein/protocol/members/roles';
import { outputFloor, standingOf } from '@skein/protocol/members/state';
import type { Listed } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Lane, LaneContext } from '../gateway/lane.ts';
import { type Source, TerminalLane } from '../gateway/terminal-lane.ts';
import { runDir } from '../host/run-files.ts';
import type { HostPool } from '../hosts/pool.ts';
import { nameFor } from '../members/device-name.ts';
import { type Gate, roleIn } from '../members/gate.ts';
import type { Principal } from '../members/principal.ts';
import { noSession, notAllowed } from '../members/refusals.ts';
import { endedFrames } from './ended-run.ts';
import { checkTerminal, programSettled } from './moments.ts';
import { resolveRef } from './resolve.ts';
import { rightWhileRunning } from './rights.ts';
import type { Sessions } from './service.ts';

/** Milliseconds for a program that is being started to run, or to fail. */
const START_MS = 30_000;

interface TerminalsContext {
  sessions: Sessions;
  hosts: HostPool;
  gate: Gate;
  home: string;
}

type OpenFrame = Extract<ClientFrame, { t: 'open' }>;
type OpenTerminal = (by: Principal, frame: OpenFrame, lane: LaneContext) => Lane;

/** Makes the function that opens terminal lanes. What is refused ends the lane. */
export function terminalOpener(context: TerminalsContext): OpenTerminal {
  return (by, frame, lane) => {
    // Who may is settled before anything waits.
    const session = admitTerminal(by, frame, context.gate);
    return new TerminalLane(source(context, by, session, frame), frame.credit, lane);
  };
}

/** The session, if its terminal may be opened so; throws `not_found` or `not_allowed`. */
function admitTerminal(by: Principal, { session: ref, role }: OpenFrame, gate: Gate): Listed {
  const session = resolveRef(gate.sessions(by), ref);
  const [has, needs] = [roleIn(by, session), TERMINAL_NEEDS[role]];
  if (!allows(has, needs)) throw notAllowed(needs, has);
  return session;
}

async function source(
  { sessions, hosts, home }: TerminalsContext,
  by: Principal,
  { id }: Listed,
  frame: OpenFrame,
): Promise<Source> {
  const state = await sessions.until(id, programSettled, AbortSignal.timeout(START_MS));
  checkTerminal(state);
  const { run } = state;
  const floor = floorFor(by, state, run?.run ?? '');
  const hello = by.kind === 'owner' ? ownHello(frame.hello) : deviceHello(by.device, frame.hello);
  const ended = (run: SessionState['run']): Source => ({
    kind: 'ended',
    frames: () => endedFrames(runDir(home, run?.run ?? ''), run, hello, floor),
  });
  if (run?.state !== 'running' || run.host === undefined) return ended(run);
  const who = by.kind === 'owner' ? LOCAL : by.device;
  const right = await rightWhileRunning(hosts, {
    run: run.run,
    host: run.host,
    role: frame.role,
    who,
    floor,
  });
  if (right === undefined) return ended((await sessions.session(id)).run);
  // A host of an earlier release knows no floor: it is asked for nothing below.
  const from = (hello as { from?: number }).from ?? 0;
  const above = right.floored ? {} : { from: Math.max(from, floor) };
  return { kind: 'host', socket: right.socket, token: right.token, hello: { ...hello, ...above } };
}

/** The first byte of a run's output that somebody may read. */
export function floorFor(by: Principal, state: SessionState, run: string): number {
  if (by.kind === 'owner') return 0;
  const standing = standingOf(state, by.device);
  if (standing === undefined) throw noSession(state.id);
  return outputFloor(standing, run);
}

function ownHello(asked: unknown): object {
  return typeof asked === 'object' && asked !== null ? asked : {};
}

/**
 * The hello of a device: what the host's protocol names and no more. Its input is counted under a name that nobody else
 * can have (H3), whatever name it asked for.
 */
function deviceHello(device: string, asked: unknown): Record<string, unknown> {
  if (typeof asked !== 'object' || asked === null) throw new SkeinError('bad_frame', 'A hello is a map.');
  const { versions, view, from, follow, cols, rows, attachment } = hostHello(asked, 'hello');
  const hello = { versions, view, from, follow, cols, rows };
  const name = attachment === undefined ? {} : { attachment: nameFor(device, attachment) };
  return { ...Object.fromEntries(Object.entries(hello).filter(([, value]) => value !== undefined)), ...name };
}
