/** The node's decision to admit an agent of another machine: by which grant, in which session, where it works (rule X1). Pure. */
import path from 'node:path';
import { isAlive } from '@skein/protocol/agents/state';
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';
import { sizeOf } from '@skein/protocol/keyed';
import type { HostedCommands } from '@skein/protocol/machines/commands';
import type { HostedAs } from '@skein/protocol/machines/events';
import { MAX_HOSTED } from '@skein/protocol/machines/limits';
import type { Grant } from '@skein/protocol/peers/state';
import { type NodeState, sessionIn, sessionsIn, workspacesIn } from '@skein/protocol/sessions/node-state';
import { MAX_WORKSPACES } from '@skein/protocol/workspaces/limits';
import { freeName } from '../../actors/free-name.ts';
import type { DecideContext, Decision, NewEvent, Tell } from '../../kernel/types.ts';
import { checkNewIds } from '../../sessions/known-ids.ts';
import type { BeginWorkspace } from '../../workspaces/decide-life.ts';
import type { Placement } from '../../workspaces/place.ts';
import { placeHanded } from '../../workspaces/trees/place-handed.ts';
import type { CheckGrant } from './grants.ts';
import type { HostSession } from './host-session.ts';

type Wanted = HostedCommands['hosted.place'];

/** What the node adds to `hosted.place`: the grants that allow it, or why none does, and where the agent is to work. */
export interface PlaceHostedFacts {
  /** The oldest first. */
  grants: Grant[];
  refused?: ErrorBody;
  /** The directory that was named, without links. */
  dir?: string;
  /** Where the workspaces lie that the node makes. */
  workspaces: string;
  /** What the home is called here. */
  node?: string;
}

/** Where a hosted agent works: in a directory, or in a workspace made for it. */
export interface HostedPlace {
  cwd: string;
  placement?: Placement;
  events: NewEvent[];
  tell: Tell[];
}

/** `nameFor` gives a name that nobody has, and throws where there is no room for a session. */
export function placeHosted(
  state: NodeState,
  said: Wanted,
  nameFor: (id: string, wish: string) => string,
  { by, facts }: DecideContext,
): Decision {
  const { kind, device: home } = by as { kind?: string; device?: string };
  if (kind !== 'device' || home === undefined)
    throw new SkeinError('bad_request', 'Only another machine places agents so. Here: skein spawn');
  const { id, agent, run, definition } = said;
  const there = sessionIn(state, id);
  if (there !== undefined) {
    if (there.hosted?.home !== home || there.hosted.agent !== agent)
      throw new SkeinError('name_taken', `There is a session ${id} already.`);
    return { reply: replyOf(id, there.hosted) };
  }
  const { grants, refused, node = said.node, ...where } = facts as PlaceHostedFacts;
  const wanted: Wanted = { ...said, node };
  if (refused !== undefined) throw SkeinError.fromBody(refused);
  checkNewIds(state, { session: id, ids: [agent, run] });
  checkKept(state, home);
  const grant = grants.find((one) => usedUnder(state, one.grant) < one.max);
  if (grant === undefined) throw noRoom(grants);
  const place = placeIn(state, home, wanted, where);
  const hosted: HostedAs = {
    ...{ home, node: wanted.node, session: wanted.session, name: wanted.name, agent, grant: grant.grant },
    ...{ term: grant.term, away: grant.away, claims: grant.claims, max: grant.max },
    workspace: place.placement?.workspace.id ?? null,
  };
  const name = nameFor(id, `${wanted.node}-${wanted.name}-${wanted.called}`);
  const check: CheckGrant = { grant: grant.grant, peer: home };
  const host: HostSession = { ...{ id, name, wanted, hosted, cwd: place.cwd }, placement: place.placement };
  return {
    events: [{ type: 'session.added', body: { id, name, argv: [definition], hosted } }, ...place.events],
    tell: [
      { target: 'peers', type: 'grant.check', body: check },
      ...place.tell,
      { target: `session/${id}`, type: 'session.host', body: host },
    ],
    reply: replyOf(id, hosted),
  };
}

/** Agents under a grant that run, or will run again without anybody's doing; of all sessions, or of one. */
export function usedUnder(state: NodeState, grant: string, only?: string): number {
  const under = sessionsIn(state).filter(
    ({ id, hosted }) => hosted?.grant === grant && (only === undefined || id === only),
  );
  return under.flatMap(({ agents }) => agents).filter(isAlive).length;
}

/** However often one is stopped and the next placed, room for sessions is left to this machine's user. */
function checkKept(state: NodeState, home: string): void {
  if (sessionsIn(state).filter(({ hosted }) => hosted?.home === home).length < MAX_HOSTED) return;
  throw new SkeinError(
    'limit_reached',
    `That machine keeps ${MAX_HOSTED} agents of yours, ended ones counted. Remove some: skein rm`,
    { rule: 'X1', max: MAX_HOSTED },
  );
}

function placeIn(
  state: NodeState,
  home: string,
  { id, place, agent, node, name, called }: Wanted,
  { dir, workspaces }: Pick<PlaceHostedFacts, 'dir' | 'workspaces'>,
): HostedPlace {
  if ('dir' in place) {
    if (dir === undefined) throw new SkeinError('internal', 'A directory was not looked at.');
    return { cwd: dir, events: [], tell: [] };
  }
  checkRoom(state);
  if ('scratch' in place) return empty(state, { id: agent, wish: `${name}-${called}` }, workspaces);
  const handed = placeHanded(state, { home, node, session: id, agent, place, workspaces });
  const { events, tell, ...placement } = handed;
  return { cwd: handed.cwd, placement, events, tell };
}

function checkRoom({ workspaces }: NodeState): void {
  if (sizeOf(workspaces) >= MAX_WORKSPACES)
    throw new SkeinError('too_large', `That machine has ${MAX_WORKSPACES} workspaces already.`);
}

/** An empty workspace that stays as long as its session, by the agent's id: never made twice for one. */
function empty(state: NodeState, { id, wish }: { id: string; wish: string }, dir: string): HostedPlace {
  const name = freeName(wish, 'scratch', new Set(workspacesIn(state).map((one) => one.name)));
  const root = path.join(dir, id);
  const source = { kind: 'scratch' as const };
  const begin: BeginWorkspace = { id, name, root, source, strict: false, keep: 'always' };
  return {
    cwd: root,
    placement: { workspace: { id, name, root }, cwd: root },
    events: [{ type: 'workspace.added', body: { id, name, kind: source.kind, root, of: null } }],
    tell: [{ target: `workspace/${id}`, type: 'workspace.begin', body: begin }],
  };
}

function replyOf(id: string, { term, away, claims }: HostedAs) {
  return { id, term, away, claims };
}

function noRoom(grants: readonly Grant[]): SkeinError {
  const most = grants.reduce((sum, { max }) => sum + max, 0);
  const agents = most === 1 ? 'one agent' : `${most} agents`;
  return new SkeinError(
    'limit_reached',
    `That machine lets ${agents} of yours run at a time, and they do. Stop one, or ask its user for more: skein grant --max`,
    { rule: 'X1', max: most },
  );
}
