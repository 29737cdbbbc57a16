/** A session's actor: the life of its program, from request to end (rules K3, K4, H4). Pure. */
import { isAlive } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import { type SessionCommands, sessionCommands } from '@skein/protocol/sessions/commands';
import {
  emptySession,
  migrateSession,
  reduceSession,
  SESSION_REDUCER,
  type SessionState,
} from '@skein/protocol/sessions/state';
import { knownCommand, unknownCommand } from '../actors/known-command.ts';
import { parseBody } from '../actors/parse-body.ts';
import { agentCommand, agentHandlers, indexed } from '../agents/decide.ts';
import { addAgent, stopAgent } from '../agents/decide-life.ts';
import { startOutcome } from '../agents/decide-steps.ts';
import { START_AGENT } from '../agents/effects-wanted.ts';
import {
  type ActorKind,
  type DecideContext,
  type Decision,
  EFFECT_OUTCOME,
  type EffectOutcome,
  type NewEvent,
} from '../kernel/types.ts';
import { placedOutcome } from '../machines/home/decide-copied.ts';
import { leaving, placeElsewhere, stopFar } from '../machines/home/decide-far.ts';
import { PLACE_FAR } from '../machines/home/far-words.ts';
import { type HostSession, hostSession } from '../machines/worker/host-session.ts';
import { checkHosted, type EndLease, endLease, hostedHandlers } from '../machines/worker/hosted.ts';

import {
  agree,
  dismissed,
  makeTicket,
  redeemTicket,
  revoke,
  setRole,
  withdrawTicket,
} from '../members/decide.ts';
import { checkGiver, type Giver, giverOf } from '../members/givers.ts';
import { type Typed, typed } from '../members/typing.ts';
import { questionHandlers } from '../questions/decide.ts';
import { TASK_AGENT, TASK_CHECK, taskHandlers, taskOutcome } from '../tasks/decide.ts';
import { WORK_DUE, working } from '../tasks/working.ts';
import { toolCommand, toolHandlers } from '../tools/decide.ts';
import { reporting } from '../tools/reports.ts';
import { farWork } from '../workspaces/trees/far-work.ts';
import { visiting } from '../workspaces/visits.ts';
import { markRun } from './mark-run.ts';
import type { Begin, Open, RunEnded, SignalRun, Started, StartRun, Yield } from './run-words.ts';

const WHOM = 'A session';

/** Milliseconds that a run has to end by itself when it must. */
const YIELD_GRACE_MS = 5_000;

/** Commands by which a session comes to be. */
const BIRTHS = ['session.begin', 'session.resume', 'session.open', 'session.host'];

export const sessionActor: ActorKind<SessionState> = {
  kind: 'session',
  version: SESSION_REDUCER,
  initial: emptySession,
  apply: reduceSession,
  migrate: migrateSession,
  decide(state, command, ctx): Decision {
    const decided = indexed(state, reporting(state, followed(state, command, ctx), ctx), ctx);
    return farWork(state, visiting(state, decided, ctx), ctx);
  },
};

function followed(
  state: SessionState,
  command: { type: string; body: unknown },
  ctx: DecideContext,
): Decision {
  return working(state, decide(state, command, ctx), ctx, command.type === WORK_DUE);
}

function decide(
  state: SessionState,
  { type, body }: { type: string; body: unknown },
  ctx: DecideContext,
): Decision {
  // What a workspace tells is of no use to a session that is gone, and never a reason for the workspace not to go on.
  if (type === 'workspace.notes')
    return state.created === 0 ? {} : { events: (body as { events: NewEvent[] }).events };
  if (!BIRTHS.includes(type) && state.created === 0) {
    throw new SkeinError('not_found', `There is no session ${ctx.id}.`);
  }
  // Commands with an id came from a client: only those of the protocol, checked.
  if (ctx.command !== undefined) return asked(state, type, body, ctx);
  switch (type) {
    case 'session.begin':
      return begin(body as Begin, true);
    case 'session.resume':
      return begin(body as Begin, false);
    case 'session.open':
      return open(body as Open, ctx);
    case 'session.host':
      return hostSession(state, body as HostSession, ctx);
    case 'lease.end':
      return endLease(state, body as EndLease);
    case WORK_DUE:
      return {};
    case 'question.called':
      return Object.hasOwn(state.questions, (body as { question: string }).question)
        ? { events: [{ type, body }] }
        : {};
    case 'session.name':
      return { events: [{ type: 'session.renamed', body }] };
    case 'session.forget':
      return forgotten(state, ctx);
    case 'members.agree':
      return agree(state, body as Parameters<typeof agree>[1], ctx);
    case 'run.yield':
      return yielded(state, body as Yield, ctx);
    case 'run.typed':
      return typed(state, body as Typed);
    case 'run.found':
      return started(state, (body as { run: string }).run, body as Started);
    case 'run.ended':
      return ended(state, body as RunEnded);
    case 'run.vanished':
      return vanished(state, body as { run: string; why: string });
    case EFFECT_OUTCOME:
      return outcome(state, body as EffectOutcome, ctx);
    default:
      return agentCommand(state, type, body, ctx) ?? toolCommand(state, type, body, ctx) ?? unknown(type);
  }
}

function forgotten(state: SessionState, ctx: DecideContext): Decision {
  const { effects, tell } = leaving(state);
  return {
    events: [{ type: 'session.removed', body: {} }],
    // Home is told of the end of what it has there by being shut out of that, and goes on with the rest.
    effects: [...(state.hosted === null ? dismissed(state, ctx) : []), ...effects],
    tell,
  };
}

function unknown(type: string): never {
  throw unknownCommand(type, WHOM);
}

type Handlers = {
  [K in keyof SessionCommands]: (
    state: SessionState,
    body: SessionCommands[K],
    giver: Giver,
    ctx: DecideContext,
  ) => Decision;
};

const handlers: Handlers = {
  'run.signal': (state, body, _giver, ctx) => signal(state, body, ctx),
  'ticket.make': makeTicket,
  'ticket.withdraw': (state, body) => withdrawTicket(state, body),
  'ticket.redeem': redeemTicket,
  'member.role': (state, body, _giver, ctx) => setRole(state, body, ctx),
  'member.revoke': (state, body, _giver, ctx) => revoke(state, body, ctx),
  ...agentHandlers,
  ...hostedHandlers,
  ...toolHandlers,
  ...taskHandlers,
  ...questionHandlers,
};

/** A client's command: known, whole, and its giver's to give (K1, M2). */
function asked(state: SessionState, type: string, body: unknown, ctx: DecideContext): Decision {
  const name = knownCommand(sessionCommands, type, WHOM);
  if (state.removed) throw new SkeinError('not_found', `Session ${ctx.id} was removed.`);
  const giver = giverOf(state, ctx.by);
  checkHosted(state, name, giver);
  const parsed = parseBody(sessionCommands[name], body);
  checkGiver(giver, state, name, parsed, ctx.now);
  const handle = handlers[name] as (s: SessionState, b: unknown, g: Giver, c: DecideContext) => Decision;
  return handle(state, parsed, giver, ctx);
}

function begin(
  { id, name, argv, cwd, run, cols, rows, keep, env, workspace, sandbox, compose }: Begin,
  start: boolean,
): Decision {
  const requested = { run, argv, cwd, cols, rows, ...(keep === undefined ? {} : { keep }) };
  const effect: StartRun = { session: id, ...requested, env: env ?? null };
  if (workspace !== undefined) effect.workspace = workspace.id;
  if (sandbox !== undefined) effect.sandboxed = true;
  const where = {
    ...(workspace === undefined ? {} : { workspace }),
    ...(sandbox === undefined ? {} : { sandbox }),
    ...(compose === undefined ? {} : { compose }),
  };
  return {
    events: [
      { type: 'session.created', body: { id, name, argv, cwd, ...where } },
      { type: 'run.requested', body: requested },
    ],
    effects: start ? [{ id: run, kind: 'start-run', body: effect }] : [],
  };
}

function open(
  { id, name, cwd, agent, placement, far, compose }: Open,
  { now, by, offset }: DecideContext,
): Decision {
  const created = {
    type: 'session.created',
    body: { id, name, argv: [agent.definition], cwd, ...(compose === undefined ? {} : { compose }) },
  };
  const born = reduceSession(emptySession(id), { ...created, at: now, by }, offset + 1);
  const { events = [], ...rest } =
    agent.on === undefined
      ? addAgent(born, agent, placement, by)
      : placeElsewhere(born, agent, far === undefined ? {} : { far }, by);
  return { ...rest, events: [created, ...events] };
}

function signal(
  state: SessionState,
  { signal, grace }: SessionCommands['run.signal'],
  { command, now }: DecideContext,
): Decision {
  const run = state.run;
  if (run === null || run.state !== 'running' || run.host === undefined) {
    throw new SkeinError('not_running', `Session "${state.name}" has no running program.`, {
      state: run?.state ?? 'none',
    });
  }
  const body: SignalRun = { session: state.id, run: run.run, host: run.host, signal, grace: grace ?? null };
  // A stop is finished after a crash; a bare signal that may have arrived is not sent twice (K4).
  const kind = grace === undefined ? 'signal-run' : 'stop-run';
  return {
    events: [{ type: 'run.signalled', body: { run: run.run, signal } }],
    // Two equal signals are two effects, however soon one follows the other.
    effects: [{ id: `${signal} ${run.run} ${command?.client ?? now} ${command?.seq ?? 0}`, kind, body }],
    reply: { run: run.run, signal },
  };
}

function yielded(state: SessionState, { run, agent }: Yield, ctx: DecideContext): Decision {
  if (agent === null) {
    if (state.run?.run !== run || state.run.state !== 'running') return {};
    return signal(state, { signal: 'SIGTERM', grace: YIELD_GRACE_MS }, ctx);
  }
  const one = Object.hasOwn(state.agents, agent) ? state.agents[agent] : undefined;
  if (one?.run?.run !== run || !isAlive(one)) return {};
  return Object.hasOwn(state.far, agent)
    ? stopFar(state, agent, YIELD_GRACE_MS)
    : stopAgent(state, { agent, grace: YIELD_GRACE_MS });
}

function outcome(state: SessionState, effect: EffectOutcome, ctx: DecideContext): Decision {
  if (effect.kind === START_AGENT) return startOutcome(state, effect, ctx);
  if (effect.kind === PLACE_FAR) return placedOutcome(state, effect);
  if (effect.kind === TASK_AGENT || effect.kind === TASK_CHECK) return taskOutcome(state, effect);
  if (effect.kind !== 'start-run') return {};
  const run = effect.id;
  if (state.run?.run !== run || state.run.state !== 'starting') return {};
  if (effect.status === 'done') return started(state, run, effect.value as Started);
  if (effect.status === 'unknown')
    return vanished(state, { run, why: 'It is not known whether it was started.' });
  const { code, message } = effect.error;
  if (code === 'host_lost') return vanished(state, { run, why: message });
  return {
    events: [{ type: 'run.failed', body: { run, code, message } }],
    tell: markRun(state, run, 'failed'),
  };
}

function started(state: SessionState, run: string, { host, pid, start }: Started): Decision {
  if (state.run?.run !== run || state.run.state !== 'starting') return {};
  return {
    events: [{ type: 'run.started', body: { run, host, pid, start } }],
    tell: markRun(state, run, 'running'),
  };
}

function ended(state: SessionState, { run, host, pid, start, code, signal, bytes }: RunEnded): Decision {
  const now = state.run?.run === run ? state.run.state : undefined;
  // A lost run whose end turns up after all is taken at its word.
  if (now !== 'starting' && now !== 'running' && now !== 'lost') return {};
  const exit = { type: 'run.exited', body: { run, code, signal, bytes } };
  const begun = { type: 'run.started', body: { run, host, pid, start } };
  // A program may end before the news of its start has been recorded.
  return { events: now === 'starting' ? [begun, exit] : [exit], tell: markRun(state, run, 'exited') };
}

function vanished(state: SessionState, { run, why }: { run: string; why: string }): Decision {
  const now = state.run?.run === run ? state.run.state : undefined;
  if (now !== 'starting' && now !== 'running') return {};
  return { events: [{ type: 'run.lost', body: { run, why } }], tell: markRun(state, run, 'lost') };
}
