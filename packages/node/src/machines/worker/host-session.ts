/** The birth of a hosted session: an agent of another machine, and that machine's device as its owner (rules X1, X3). Pure. */
import { SkeinError } from '@skein/protocol/errors';
import type { HostedCommands } from '@skein/protocol/machines/commands';
import type { HostedAs } from '@skein/protocol/machines/events';
import { asGivenName } from '@skein/protocol/members/names';
import { emptySession, reduceSession, type SessionState } from '@skein/protocol/sessions/state';
import { addAgent } from '../../agents/decide-life.ts';
import type { DecideContext, Decision, NewEvent } from '../../kernel/types.ts';
import { memberId } from '../../members/admission.ts';
import type { Placement } from '../../workspaces/place.ts';

/** Told by the node's actor, which has admitted it. */
export interface HostSession {
  id: string;
  name: string;
  cwd: string;
  wanted: HostedCommands['hosted.place'];
  hosted: HostedAs;
  placement?: Placement | undefined;
}

/** Throws `name_taken` where there was another of that id: what is left of that is nobody's who comes later. */
export function hostSession(
  { created }: SessionState,
  { id, name, cwd, wanted, hosted, placement }: HostSession,
  { now, by, offset }: DecideContext,
): Decision {
  if (created !== 0) throw new SkeinError('name_taken', `There was a session ${id} already.`);
  const { home, node, grant, workspace: _, max: __, ...rest } = hosted;
  const member = memberId(id, grant, home);
  const called = asGivenName(node, 'another node');
  const events: NewEvent[] = [
    { type: 'session.created', body: { id, name, argv: [wanted.definition], cwd } },
    { type: 'session.hosted', body: { ...rest, home, node, grant } },
    {
      type: 'member.joined',
      body: {
        ...{ member, name: called, role: 'owner', device: home, deviceName: called },
        ...{ history: 'all', from: offset + 1, runs: {}, ticket: grant },
      },
    },
    { type: 'lease.taken', body: { epoch: 1, taker: wanted.taker, by: home } },
  ];
  const born = events.reduce(
    (state, event, n) => reduceSession(state, { ...event, at: now, by }, offset + n + 1),
    emptySession(id),
  );
  const { agent, run, definition, args, mode, model, direct } = wanted;
  const spec = {
    ...{ agent, run, definition, name: wanted.called, cwd },
    ...(args === undefined ? {} : { args }),
    ...(mode === undefined ? {} : { mode }),
    ...(model === undefined ? {} : { model }),
    ...(direct === undefined ? {} : { direct }),
  };
  const added = addAgent(born, spec, placement);
  const admitted = { device: home, member, name: called, role: 'owner' };
  return {
    events: [...events, ...(added.events ?? [])],
    effects: added.effects ?? [],
    tell: [{ target: 'node', type: 'session.devices', body: { id, set: [admitted], gone: [] } }],
  };
}
