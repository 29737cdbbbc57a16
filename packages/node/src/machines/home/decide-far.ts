/**
 * A session's decisions about its agents on other machines (rules A3–A6, X1, X3): the same commands as of any agent, recorded as what
 * their machine is to be told. Pure.
 */
import { createHash } from 'node:crypto';
import type { AgentCommands, AgentSpec } from '@skein/protocol/agents/commands';
import { isAlive } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import { idOf } from '@skein/protocol/ids';
import type { Far } from '@skein/protocol/machines/far';
import { isLost } from '@skein/protocol/machines/words';
import type { SessionState } from '@skein/protocol/sessions/state';
import { answerApproval } from '../../agents/decide-approvals.ts';
import { addAgent, chooseFor, clear, clearing, removeAgent } from '../../agents/decide-life.ts';
import { cancelPrompt, cancelTurn, editPrompt, queuePrompt } from '../../agents/decide-prompts.ts';
import { agentIn, notRunning } from '../../agents/find.ts';
import type { DecideContext, Decision, Tell } from '../../kernel/types.ts';
import type { Giver } from '../../members/givers.ts';
import { notAllowed } from '../../members/refusals.ts';
import { askForIds } from '../../sessions/known-ids.ts';
import { type FarFacts, type GiveFar, giveFar, PLACE_FAR, type PlaceFar } from './far-words.ts';
import { checkLeased, commanded, farOf, giving, isGiven, told } from './telling.ts';

/** Throws `not_allowed`, `not_found` for a machine that is not known, `bad_request` for what cannot be had elsewhere. */
export function addFar(
  state: SessionState,
  spec: AgentSpec,
  giver: Giver,
  facts: FarFacts,
  by: unknown,
): Decision {
  // The grant is the machine's user's to use.
  if (giver.is === 'member' || giver.is === 'stranger')
    throw notAllowed('node-owner', giver.is === 'member' ? giver.standing.role : 'stranger');
  return placeElsewhere(state, spec, facts, by);
}

/** The same, decided by whoever may. */
export function placeElsewhere(
  state: SessionState,
  spec: AgentSpec,
  { far }: FarFacts,
  by?: unknown,
): Decision {
  const { agent, run, definition, args = [], mode, model, there, workspace } = spec;
  if (far === undefined)
    throw new SkeinError(
      'not_found',
      'That machine is not known here. Those that are: skein nodes. To add one: skein node add',
    );
  const cannot =
    spec.pty !== undefined
      ? "An agent's own interface is shown on the machine where it runs: there type skein run --pty, and attach to it from here."
      : spec.resume !== undefined
        ? 'A session of its own from before can be gone on with only where it was.'
        : there !== undefined && workspace !== undefined
          ? 'Say a directory of that machine, or a workspace of this one that is handed over, not both.'
          : undefined;
  if (cannot !== undefined) throw new SkeinError('bad_request', cannot);
  const place: PlaceFar['there'] = workspace === undefined ? (there ?? { scratch: true }) : { workspace };
  const { env: _, ...plain } = spec;
  const added = addAgent(state, { ...plain, cwd: 'dir' in place ? place.dir : '~' }, undefined, by);
  const { name } = added.reply as { name: string };
  const body: PlaceFar = {
    ...{ session: state.id, name: state.name, agent, run, peer: far.peer },
    hosted: madeOf('hosted', agent, run),
    taker: madeOf('taker', agent, run),
    ...{ definition, called: name, args, there: place },
    ...(mode === undefined ? {} : { mode }),
    ...(model === undefined ? {} : { model }),
  };
  const [first, ...rest] = added.events ?? [];
  if ((first?.body as { direct?: unknown } | undefined)?.direct === undefined) body.direct = false;
  return {
    ...added,
    events: [
      ...(first === undefined ? [] : [first]),
      { type: 'far.wanted', body: { agent, ...far, definition, called: name } },
      { type: 'far.leasing', body: { agent, epoch: 1, taker: body.taker } },
      ...rest,
    ],
    effects: [{ id: run, kind: PLACE_FAR, body }],
  };
}

/** The same of the same, so that a decision made again is the same event. */
function madeOf(...parts: string[]): string {
  return idOf(createHash('sha256').update(parts.join(' ')).digest());
}

export type FarHandlers = {
  [K in keyof AgentCommands]?: (
    state: SessionState,
    body: AgentCommands[K],
    far: Far,
    ctx: DecideContext,
  ) => Decision;
};

/** What of an agent's commands is decided otherwise when it is elsewhere. */
export const farHandlers: FarHandlers = {
  'agent.stop': (state, { agent: id, grace }) => stopFar(state, id, grace),
  'agent.restart': restartFar,
  'agent.remove': removeFar,
  'agent.mode': (state, body) => chosen(state, body.agent, 'mode', body.mode),
  'agent.model': (state, body) => chosen(state, body.agent, 'model', body.model),
  'prompt.queue': (state, body, _far, ctx) => {
    checkLeased(state, body.agent);
    return giving(state, body.agent, queuePrompt(state, body, ctx.facts), ctx);
  },
  'prompt.edit': (state, body, _far, ctx) => {
    begun(state, body);
    return editPrompt(state, body, ctx.facts);
  },
  'prompt.cancel': (state, body) => {
    begun(state, body);
    return cancelPrompt(state, body);
  },
  'turn.cancel': (state, body, far) => {
    const { events = [], reply } = cancelTurn(state, body);
    const { turn } = reply as { turn: string };
    const again = far.unheard.some(
      (one) => one.type === 'turn.cancel' && (one.body as { turn?: string }).turn === turn,
    );
    if (events.length === 0 || again) return { reply };
    return { events: [told(state, body.agent, 'turn.cancel', { agent: body.agent, turn })], reply };
  },
  'approval.answer': (state, body) => {
    const { events = [], reply } = answerApproval(state, body);
    const { agent, option, reason } = (events[0]?.body ?? {}) as {
      agent: string;
      option: string;
      reason?: string;
    };
    const why = reason === undefined ? {} : { reason };
    const answer = { approval: body.approval, answer: { option }, always: false, ...why };
    return { events: [...events, told(state, agent, 'approval.answer', answer)], reply };
  },
};

const ENDS: readonly string[] = ['agent.stop', 'agent.restart'];

/** Told it once, however often it is asked; the worker records that it ends. */
export function stopFar(state: SessionState, id: string, grace: number): Decision {
  const agent = agentIn(state, id);
  const reply = { agent: id, name: agent.name };
  // What was said last counts: a start that was asked for since is called off too.
  const last = farOf(state, id)?.unheard.findLast(({ type }) => ENDS.includes(type));
  if (!isAlive(agent) && last?.type !== 'agent.restart') throw notRunning(state, agent);
  if (last?.type === 'agent.stop') return { reply };
  const tell = told(state, id, 'agent.stop', { agent: id, grace });
  // One that is not admitted yet is known nowhere else: that it is to stop is told here.
  const stopping =
    farOf(state, id)?.session === null ? [{ type: 'agent.stopping', body: { agent: id } }] : [];
  return { events: [...stopping, tell], reply };
}

function restartFar(state: SessionState, body: AgentCommands['agent.restart'], far: Far): Decision {
  const { agent: id, run } = body;
  const agent = agentIn(state, id);
  if (far.session === null)
    throw new SkeinError(
      'not_running',
      `"${agent.name}" was not admitted by ${far.node}. Remove it, and start another: skein rm ${state.name}/${agent.name}`,
    );
  const reply = { agent: id, name: agent.name, run };
  const wish = { type: 'agent.restart', body };
  const tell = [askForIds(state, run)];
  if (far.unleased === null) return { tell, events: [told(state, id, wish.type, wish.body)], reply };
  // Whoever says this knows that another may command it: taken back, that one loses it (X3).
  const leasing = { agent: id, epoch: far.epoch + 1, taker: run, wish };
  return { tell, events: [{ type: 'far.leasing', body: leasing }], reply };
}

function removeFar(state: SessionState, { agent: id }: AgentCommands['agent.remove'], far: Far): Decision {
  if (far.session !== null && !isLost(far)) {
    const { tell = [], ...rest } = removeAgent(state, { agent: id });
    return { ...rest, tell: [...tell, ...give(id, far)] };
  }
  const agent = agentIn(state, id);
  return {
    events: [{ type: 'agent.removed', body: { agent: id } }],
    effects: [clear(state, agent)],
    tell: give(id, far),
    reply: { agent: id, name: agent.name },
  };
}

/** What another has taken is not this home's to give back: what is said under that one's epoch would count. */
function give(agent: string, { peer, session, epoch, n, unheard, unleased }: Far): Tell[] {
  if (session === null || unleased !== null) return [];
  // What was not heard has no purpose any more, and this takes its place.
  const body: GiveFar = { peer, session, agent, epoch, n: unheard[0]?.n ?? n + 1 };
  return [giveFar(body)];
}

/** All of a session that goes: what is kept of its agents, here and on their machines. */
export function leaving(state: SessionState): Required<Pick<Decision, 'effects' | 'tell'>> {
  const tell = Object.entries(state.far).flatMap(([agent, far]) => give(agent, far));
  return { effects: clearing(state), tell };
}

/** Everything is about to end: they are told to. */
export function haltFar(state: SessionState): Decision {
  return { events: commanded(state).flatMap((id) => stopFar(state, id, HALT_GRACE_MS).events ?? []) };
}

/** Milliseconds that one has to end by itself. */
const HALT_GRACE_MS = 5_000;

function chosen(state: SessionState, agent: string, what: 'mode' | 'model', value: string): Decision {
  const { events = [], ...rest } = chooseFor(state, agent, what, value);
  return { ...rest, events: [...events, told(state, agent, `agent.${what}`, { agent, [what]: value })] };
}

function begun(state: SessionState, { agent: id, prompt }: { agent: string; prompt: string }): void {
  if (!isGiven(state, id, prompt)) return;
  const { name } = agentIn(state, id);
  throw new SkeinError('gone', `"${name}" has been given that prompt. To stop it, cancel its turn.`);
}

/** An agent's commands, of which those about one elsewhere are decided here. */
export function alsoFar<H extends Record<string, unknown>>(handlers: H): H {
  type Plain = (s: SessionState, b: object, g: Giver, c: DecideContext) => Decision;
  const both = Object.entries(handlers).map(([type, here]) => {
    const there = farHandlers[type as keyof FarHandlers] as
      | ((s: SessionState, b: object, f: Far, c: DecideContext) => Decision)
      | undefined;
    if (there === undefined) return [type, here];
    const either: Plain = (state, body, giver, ctx) => {
      const { agent, approval } = body as { agent?: string; approval?: string };
      const whose =
        agent ??
        (Object.hasOwn(state.approvals, approval ?? '') ? state.approvals[approval ?? '']?.agent : '');
      const far = farOf(state, whose ?? '');
      return far === undefined ? (here as Plain)(state, body, giver, ctx) : there(state, body, far, ctx);
    };
    return [type, either];
  });
  return Object.fromEntries(both) as H;
}
