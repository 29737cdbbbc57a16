/** The node's actor: the index of sessions, and with it the uniqueness of their names (rule K3). Pure. */
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { sizeOf } from '@skein/protocol/keyed';
import { type NodeCommands, nodeCommands } from '@skein/protocol/sessions/commands';
import type { NodeEvents } from '@skein/protocol/sessions/events';
import {
  emptyNode,
  migrateNode,
  NODE_REDUCER,
  type NodeState,
  reduceNode,
  sessionIn,
} from '@skein/protocol/sessions/node-state';
import type { RunState } from '@skein/protocol/sessions/state';
import { freeName } from '../actors/free-name.ts';
import { knownCommand, unknownCommand } from '../actors/known-command.ts';
import { parseBody } from '../actors/parse-body.ts';
import {
  type ActorKind,
  type Decision,
  EFFECT_OUTCOME,
  type Effect,
  type NewEvent,
} from '../kernel/types.ts';
import { type FarFacts, GIVE_FAR, type GiveFar } from '../machines/home/far-words.ts';
import { dropping, forgetHosted, listAgents } from '../machines/worker/node-hosted.ts';
import { placeHosted } from '../machines/worker/place.ts';

import { checkNodeGiver } from '../members/givers.ts';
import { notAllowed } from '../members/refusals.ts';
import { createWorkspace, markWorkspace } from '../workspaces/create.ts';
import { type PlaceAgent, type PlaceFacts, placeAgent, placeProgram } from '../workspaces/place.ts';
import { claimedBy, type SandboxFacts } from '../workspaces/sandbox/facts.ts';
import { type PlaceTree, placeTree } from '../workspaces/trees/place-tree.ts';
import { checkNewIds, type NewIds } from './known-ids.ts';
import { called } from './lookup.ts';
import type { RemovalFacts } from './removal-facts.ts';
import type { Begin } from './run-words.ts';

const WHOM = 'A node';

/** What the node's own events are asked for by: no session is called so. */
const NODE_NAME = 'node';

/** Sessions a node may have at a time; its index is kept in memory. */
const MAX_SESSIONS = 10_000;

/** What the node adds to a command that begins a session with an agent. */
type OpenFacts = PlaceFacts & FarFacts;

/** Commands that the node gives itself, or is told by a session. */
interface NodeInternal {
  'node.boot': NodeEvents['node.started'];
  'session.mark': { id: string; state: RunState; run: string };
  'session.adopt': Omit<Begin, 'env' | 'workspace' | 'sandbox'>;
  'session.devices': NodeEvents['session.devices'];
  'session.agents': NodeEvents['session.agents'];
  'session.work': NodeEvents['session.work'];
  'ids.check': NewIds;
  'log.report': NodeEvents['log.damaged'];
  'agent.place': PlaceAgent;
  'tree.place': PlaceTree;
  'workspace.mark': NodeEvents['workspace.changed'];
  'hosted.forget': { id: string };
  [GIVE_FAR]: GiveFar;
  'workspace.forget': NodeEvents['workspace.gone'];
}

export const nodeActor: ActorKind<NodeState> = {
  kind: 'node',
  version: NODE_REDUCER,
  initial: emptyNode,
  apply: reduceNode,
  migrate: migrateNode,
  decide(state, { type, body }, ctx): Decision {
    // Commands with an id came from a client: only those of the protocol, checked, and theirs to give (M2).
    if (ctx.command !== undefined) {
      checkNodeGiver(state, knownCommand(nodeCommands, type, WHOM), body ?? {}, ctx.by);
    }
    switch (type) {
      case 'session.create':
        return create(state, parseBody(nodeCommands['session.create'], body), ctx.facts as SandboxFacts);
      case 'session.open':
        return open(state, parseBody(nodeCommands['session.open'], body), ctx.facts as OpenFacts);
      case 'session.rename':
        return rename(state, parseBody(nodeCommands['session.rename'], body), ctx.by);
      case 'session.remove':
        return remove(state, parseBody(nodeCommands['session.remove'], body), ctx.facts as RemovalFacts);
      case 'hosted.place':
        return placeHosted(
          state,
          parseBody(nodeCommands['hosted.place'], body),
          (id, wish) => named(state, id, null, wish),
          ctx,
        );
      case 'hosted.forget':
        return forgetHosted(listed(state, (body as NodeInternal['hosted.forget']).id));
      case GIVE_FAR:
        return {
          effects: [{ id: `give ${(body as NodeInternal[typeof GIVE_FAR]).agent}`, kind: type, body }],
        };
      case 'node.boot':
        return { events: [{ type: 'node.started', body }] };
      case 'session.mark':
        return { events: [{ type: 'session.changed', body }] };
      case 'session.agents':
        return listAgents(state, body as NodeInternal['session.agents']);
      case 'session.work':
        return { events: [{ type, body }] };
      case 'ids.check':
        return checkNewIds(state, body as NewIds);
      case 'session.devices':
        return { events: [{ type: 'session.devices', body }] };
      case 'workspace.create':
        return createWorkspace(state, parseBody(nodeCommands['workspace.create'], body), ctx);
      case 'agent.place':
        return place(state, body as NodeInternal['agent.place']);
      case 'tree.place':
        return placeTree(state, body as PlaceTree);
      case 'workspace.mark':
        return markWorkspace(state, body as NodeInternal['workspace.mark']);
      case 'workspace.forget':
        return { events: [{ type: 'workspace.gone', body }] };
      case 'log.report':
        return { events: [{ type: 'log.damaged', body }] };
      case 'session.adopt':
        return adopt(state, body as NodeInternal['session.adopt']);
      case EFFECT_OUTCOME:
        return {};
      default:
        throw unknownCommand(type, WHOM);
    }
  },
};

function create(
  state: NodeState,
  body: NodeCommands['session.create'],
  facts: SandboxFacts | undefined,
): Decision {
  const name = named(state, body.id, body.name ?? null, path.basename(body.argv[0] ?? 'session'));
  checkNewIds(state, { session: body.id, ids: [body.run] });
  const { workspace, sandbox, ...rest } = body;
  const where = workspace === undefined ? {} : placeProgram(state, workspace, body.cwd);
  return {
    events: [added(body, name, body.argv)],
    tell: [
      {
        target: `session/${body.id}`,
        type: 'session.begin',
        body: { ...rest, name, ...where, ...claimedBy(body, facts) },
      },
    ],
    reply: { id: body.id, name, run: body.run },
  };
}

function open(state: NodeState, body: NodeCommands['session.open'], facts: OpenFacts): Decision {
  const { agent } = body;
  const name = named(state, body.id, body.name ?? null, agent.name ?? agent.definition);
  const spec = { ...agent, name: agent.name ?? freeName(agent.definition, 'agent', new Set()) };
  const placed =
    agent.workspace === undefined || agent.on !== undefined
      ? undefined
      : placeAgent(state, { session: body.id, spec, ...facts });
  const { events = [], tell = [], ...placement } = placed ?? {};
  const told = {
    ...body,
    name,
    cwd: placed?.cwd ?? body.cwd,
    ...(placed === undefined ? {} : { placement }),
    ...(agent.on === undefined || facts?.far === undefined ? {} : { far: facts.far }),
  };
  return {
    events: [added(body, name, [agent.definition]), ...events],
    tell: [...tell, { target: `session/${body.id}`, type: 'session.open', body: told }],
    reply: { id: body.id, name, agent: agent.agent, run: agent.run },
  };
}

function added(
  { id, compose }: Pick<NodeCommands['session.open'], 'id' | 'compose'>,
  name: string,
  argv: string[],
): NewEvent {
  return { type: 'session.added', body: { id, name, argv, ...(compose === undefined ? {} : { compose }) } };
}

/** Where an agent works that a session is to have: told back to it, once its place has been told. */
function place(state: NodeState, body: PlaceAgent): Decision {
  const { events, tell, ...placement } = placeAgent(state, body);
  const told = { spec: body.spec, placement };
  return { events, tell: [...tell, { target: `session/${body.session}`, type: 'agent.placed', body: told }] };
}

/** The name that a new session gets: the one that is asked for, if it is free, else one like what it runs. */
function named(state: NodeState, id: string, asked: string | null, otherwise: string): string {
  if (sizeOf(state.sessions) >= MAX_SESSIONS) {
    throw new SkeinError(
      'too_large',
      `A node holds ${MAX_SESSIONS} sessions. Remove some: skein rm, or skein prune.`,
    );
  }
  if (sessionIn(state, id) !== undefined)
    throw new SkeinError('name_taken', `There is a session ${id} already.`);
  const name = asked ?? unusedName(state, otherwise);
  checkFree(state, name);
  return name;
}

/** A run that a host holds and the log does not know, as after damage, becomes a session again. */
function adopt(state: NodeState, body: NodeInternal['session.adopt']): Decision {
  const name = unusedName(state, body.name);
  return {
    events: [{ type: 'session.added', body: { id: body.id, name, argv: body.argv } }],
    tell: [{ target: `session/${body.id}`, type: 'session.resume', body: { ...body, name } }],
    reply: { id: body.id, name },
  };
}

function rename(state: NodeState, { id, name }: NodeCommands['session.rename'], by: unknown): Decision {
  const session = listed(state, id);
  const local = (by as { kind?: unknown } | null)?.kind === 'owner';
  // What it is called here is for this machine's user to say, not for its home.
  if (session.hosted !== undefined && !local) throw notAllowed('node-owner', 'device');
  if (session.name === name) return { reply: { id, name } };
  checkFree(state, name, local);
  return {
    events: [{ type: 'session.renamed', body: { id, name } }],
    tell: [{ target: `session/${id}`, type: 'session.name', body: { name } }],
    reply: { id, name },
  };
}

function remove(
  state: NodeState,
  { id, purge }: NodeCommands['session.remove'],
  facts: RemovalFacts | undefined,
): Decision {
  // It was forgotten without its record, which is to go as well.
  if (purge && sessionIn(state, id) === undefined && facts?.recorded === true)
    return {
      events: [{ type: 'session.removed', body: { id } }],
      effects: [purging(id)],
      reply: { id, purged: true },
    };
  const session = listed(state, id);
  if (session.state === 'running' || session.state === 'starting') {
    throw new SkeinError(
      'still_running',
      `Session "${session.name}" is still running. Stop it first: skein stop ${session.name}, or add --force`,
    );
  }
  return {
    events: [{ type: 'session.removed', body: { id } }],
    tell: [{ target: `session/${id}`, type: 'session.forget', body: {} }],
    effects: [...(purge ? [purging(id)] : []), ...dropping(session)],
    reply: { id, purged: purge },
  };
}

function purging(id: string): Effect {
  return { id: `purge ${id}`, kind: 'purge-session', body: { id } };
}

function listed(state: NodeState, id: string) {
  const session = sessionIn(state, id);
  if (session === undefined) throw new SkeinError('not_found', `There is no session ${id}.`);
  return session;
}

/** `tells`: whether the one who asks may know which session has the name; a member of one may not know of others. */
function checkFree(state: NodeState, name: string, tells = true): void {
  if (name === NODE_NAME)
    throw new SkeinError(
      'name_taken',
      `"${name}" means the node itself, as in skein events node: choose another.`,
    );
  const [other] = called(state, name);
  if (other !== undefined && !tells)
    throw new SkeinError('name_taken', `The name "${name}" cannot be had: choose another.`);
  if (other !== undefined) {
    throw new SkeinError(
      'name_taken',
      `The name "${name}" is taken by session ${other}. Choose another, or leave it out.`,
      { id: other },
    );
  }
}

function unusedName(state: NodeState, wish: string): string {
  return freeName(wish, 'session', { has: (name) => name === NODE_NAME || called(state, name).size > 0 });
}
