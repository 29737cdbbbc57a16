/** How each event changes a session's agents (see state.ts). Pure. */
import type { StoredEvent } from '../sessions/events.ts';
import { within } from '../tools/capability.ts';
import { detailOf } from './detail.ts';
import type { AgentEvents } from './events.ts';
import { fresh } from './fresh.ts';
import type { AgentLifeEvents } from './life-events.ts';
import { MAX_SETTLED } from './limits.ts';
import { NO_OFFERS, offersAfter, offersOf } from './offers.ts';
import { edited, queued, without } from './queue.ts';
import type { AgentState, Agents, Answered, Approval, Settled } from './state.ts';
import { NOTHING_USED, paid, sessionCostOf, together, told } from './usage.ts';

type All = AgentLifeEvents & AgentEvents;
type Change = Partial<Agents> | undefined;
type Reducers = {
  [K in keyof All]?: (state: Agents, body: All[K], event: StoredEvent, offset: number) => Change;
};

export const agentReducers: Reducers = {
  'agent.added': (
    s,
    { agent, name, definition, cwd, args, pty, workspace, compose, above, direct },
    { at },
  ) => ({
    agents: {
      ...s.agents,
      [agent]: {
        ...fresh(agent, name, definition, cwd, args ?? [], at),
        ...(pty === true ? { pty } : {}),
        ...(workspace === undefined ? {} : { workspace, bound: true }),
        ...(compose === undefined ? {} : { compose }),
        ...(above === undefined ? {} : { above }),
        ...(direct === undefined ? {} : { direct }),
      },
    },
  }),
  'agent.starting': (s, { agent, run, resume, known, attempt, mode, model }) =>
    onAgent(s, agent, (was) => ({
      // Where it is, is looked for at each start, unless it was put there.
      ...(was.workspace === undefined || was.bound === true ? {} : { workspace: null }),
      life: 'starting',
      stopping: false,
      next: null,
      run: {
        run,
        resume,
        known: known ?? false,
        ready: false,
        ended: false,
        ...(mode === undefined ? {} : { mode }),
        ...(model === undefined ? {} : { model }),
      },
      why: null,
      exit: null,
      until: null,
      attempt,
      turn: null,
      stuck: false,
      offers: NO_OFFERS,
      // One that begins anew has another session; that which it goes on with stays until it tells.
      session: resume === null ? null : was.session,
    })),
  'agent.started': (
    s,
    { agent, run, host, pid, start, driver, argv, options, mode, model, stuckAfter, restart, ...where },
    { at, source },
  ) =>
    onAgent(s, agent, (was) =>
      was.run?.run !== run
        ? {}
        : {
            life: 'running',
            // Never more than it has: what another machine tells is less of what was given here.
            ...(where.direct === undefined || !was.direct
              ? {}
              : { direct: where.direct && within(was.direct, where.direct) }),
            stuckAfter,
            restart,
            // Of what another machine names as a workspace only the tree that it was handed is one here.
            ...(where.workspace === undefined || (source !== undefined && where.workspace.id !== agent)
              ? {}
              : { workspace: where.workspace }),
            ...(where.strength === undefined ? {} : { strength: where.strength }),
            run: {
              ...was.run,
              host,
              pid,
              start,
              driver,
              argv,
              startedAt: at,
              ...(options === undefined ? {} : { options }),
              ...(where.token === undefined ? {} : { token: where.token }),
              ...(mode === undefined ? {} : { mode }),
              ...(model === undefined ? {} : { model }),
            },
          },
    ),
  'agent.failed': (s, { agent, run, message }, { at }) =>
    ended(s, agent, run, { life: 'failed', why: message, endedAt: at }),
  'agent.lost': (s, { agent, run, why }, { at }) => {
    const was = Object.hasOwn(s.agents, agent) ? s.agents[agent] : undefined;
    // What its driver made of that has said already that it was to be stopped.
    const stopped = was?.stopping === true || (was?.run?.ended === true && was.life === 'stopped');
    return ended(s, agent, run, { life: stopped ? 'stopped' : 'exited', why, endedAt: at });
  },
  'agent.resting': (s, { agent, until, attempt }) =>
    onAgent(s, agent, () => ({ life: 'resting', stopping: false, until, attempt })),
  'agent.stopping': (s, { agent }) =>
    onAgent(s, agent, ({ life }) => ({
      stopping: true,
      // Whoever wants it stopped does not want what was asked before, that it be started again.
      next: null,
      ...(life === 'resting' ? { life: 'stopped' as const, until: null } : {}),
    })),
  'agent.restarting': (s, { agent, run, fresh: anew }) =>
    onAgent(s, agent, () => ({ stopping: true, next: { run, fresh: anew } })),
  'agent.removed': (s, { agent }) => {
    const { [agent]: gone, ...agents } = s.agents;
    const rules = s.rules.filter((rule) => rule.agent !== agent);
    const used = gone !== undefined && Object.keys(gone.usedBy).length > 0;
    return { agents, rules, ...(used ? { usedGone: together(s.usedGone, gone) } : {}) };
  },
  'agent.stuck': (s, { agent }) => onAgent(s, agent, () => ({ stuck: true })),
  'agent.chosen': (s, { agent, what, value, n }) =>
    onAgent(s, agent, ({ chosen }) => ({ chosen: { ...chosen, [what]: value, n } })),

  'prompt.queued': (s, body, event, offset) =>
    onAgent(s, body.agent, ({ queue }) => ({ queue: [...queue, queued(body, event, offset)] })),
  'prompt.edited': (s, body, event, offset) =>
    onAgent(s, body.agent, ({ queue }) => ({
      queue: queue.map((one) =>
        one.prompt === body.prompt ? edited(one, queued(body, event, offset)) : one,
      ),
    })),
  'prompt.cancelled': (s, { agent, prompt }) => onAgent(s, agent, (was) => without(was, prompt)),
  'turn.cancelling': (s, { agent, turn }) =>
    onAgent(s, agent, (was) => (was.turn?.turn === turn ? { turn: { ...was.turn, cancelling: true } } : {})),
  'approval.answered': (s, { approval, outcome, option, reason, rule }, { by, at }) => {
    const open = s.approvals[approval];
    if (open === undefined) return undefined;
    const answered: Answered = {
      ...{ outcome, option, by, at },
      ...(reason === undefined ? {} : { reason }),
      ...(rule === undefined ? {} : { rule }),
    };
    return { approvals: { ...s.approvals, [approval]: { ...open, answered } } };
  },
  'approval.called': (s, { approval }) => {
    const open = Object.hasOwn(s.approvals, approval) ? s.approvals[approval] : undefined;
    return open && { approvals: { ...s.approvals, [approval]: { ...open, called: true } } };
  },
  'rule.added': (s, body, { by }) => ({ rules: [...s.rules, { ...body, by }] }),
  'rule.removed': (s, { rule }) => ({ rules: s.rules.filter((one) => one.rule !== rule) }),

  // What drivers tell. They name the run; an agent's present one is looked for.
  'agent.ready': (s, { run }) =>
    onRun(s, run, (was) => ({ run: was.run && { ...was.run, ready: true }, stuck: false })),
  'agent.session': (s, { run, session, resumes }, { at }) =>
    onRun(s, run, (was) => ({ session, resumes, ...(was.run?.resume === null ? { sessionAt: at } : {}) })),
  'agent.offers': (s, { run, modes, models, commands }) =>
    onRun(s, run, (was) => ({
      mode: modes === undefined ? was.mode : modes.current,
      model: models === undefined ? was.model : models.current,
      offers: offersAfter(offersOf(was), { modes, models, commands }),
    })),
  'agent.exited': (s, { run, code, signal }, { at }) => {
    const agent = ofRun(s, run);
    if (agent === undefined) return undefined;
    const life = agent.stopping ? 'stopped' : 'exited';
    return ended(s, agent.agent, run, { life, exit: { code, signal }, why: null, endedAt: at });
  },
  'turn.started': (s, { run, turn, prompt, replayed }, { at }) =>
    replayed === true
      ? undefined
      : onRun(s, run, (was) => {
          const { by = null, also } = was.queue.find((one) => one.prompt === prompt) ?? {};
          const others = also === undefined ? {} : { also };
          return {
            ...(prompt === null ? {} : without(was, prompt)),
            turn: { turn, prompt, startedAt: at, by, ...others, cancelling: false, usage: null },
            stuck: false,
          };
        }),
  'turn.ended': (s, { run, turn, reason }) =>
    onRun(s, run, (was) => {
      if (was.turn?.turn !== turn) return {};
      const now = { ...(was.turn.usage ?? NOTHING_USED), turns: 1 };
      const finished = reason === 'done' || reason === 'cancelled' || reason === 'refused';
      return {
        ...paid(was, was.turn.usage, now),
        turn: null,
        turns: was.turns + 1,
        stuck: false,
        attempt: finished ? 0 : was.attempt,
      };
    }),
  'message.delta': (s, { run }) => moved(s, run),
  'thought.delta': (s, { run }) => moved(s, run),
  'tool.announced': (s, { run }) => moved(s, run),
  'tool.updated': (s, { run }) => moved(s, run),
  'tool.finished': (s, { run }) => moved(s, run),
  'usage.set': (s, body) =>
    onRun(s, body.run, (was) => {
      const sum = sessionCostOf(was, body);
      if (was.turn === null || was.turn.turn !== body.turn) return sum;
      const usage = told(was.turn.usage, body);
      return { ...sum, ...paid(was, was.turn.usage, usage), turn: { ...was.turn, usage } };
    }),
  'approval.asked': (s, body, { at }, offset) => {
    const agent = ofRun(s, body.run);
    if (agent === undefined) return undefined;
    const { approval, run, turn, call, name, kind, title, paths, options, same } = body;
    const asked: Approval = {
      ...{ approval, agent: agent.agent, run, turn, call, tool: name ?? null, kind, title, paths },
      detail: detailOf(body),
      ...(same === undefined ? {} : { same }),
      ...{ options, offset, at, answered: null },
    };
    return {
      approvals: { ...s.approvals, [approval]: asked },
      ...onAgent(s, agent.agent, () => ({ stuck: false })),
    };
  },
  'approval.resolved': (s, { approval, outcome }) => settle(s, approval, outcome),
  'approval.orphaned': (s, { approval }) => settle(s, approval, 'orphaned'),
};

/** The agent whose present run this is. */
export function ofRun({ agents }: Pick<Agents, 'agents'>, run: string): AgentState | undefined {
  return Object.values(agents).find((one) => one.run?.run === run);
}

function onAgent(s: Agents, id: string, change: (was: AgentState) => Partial<AgentState>): Change {
  const was = Object.hasOwn(s.agents, id) ? s.agents[id] : undefined;
  return was === undefined ? undefined : { agents: { ...s.agents, [id]: { ...was, ...change(was) } } };
}

function onRun(s: Agents, run: string, change: (was: AgentState) => Partial<AgentState>): Change {
  const agent = ofRun(s, run);
  return agent === undefined ? undefined : onAgent(s, agent.agent, change);
}

/** A sign of life: only worth another state when it was thought to be stuck. */
function moved(s: Agents, run: string): Change {
  const agent = ofRun(s, run);
  return agent?.stuck === true ? onAgent(s, agent.agent, () => ({ stuck: false })) : undefined;
}

/** Its run is over: what it asked can no longer be answered, whoever did not say so. */
function ended(
  s: Agents,
  id: string,
  run: string,
  change: Partial<AgentState> & { endedAt: number },
): Change {
  const open = Object.values(s.approvals).filter((one) => one.run === run);
  let now: Agents = s;
  for (const { approval } of open) now = { ...now, ...settle(now, approval, 'orphaned') };
  const agents = onAgent(now, id, (was) =>
    was.run?.run !== run
      ? {}
      : {
          ...change,
          run: { ...was.run, ready: false, ended: true },
          offers: NO_OFFERS,
          turn: null,
          stuck: false,
          stopping: false,
        },
  );
  return { approvals: now.approvals, settled: now.settled, ...agents };
}

function settle(s: Agents, approval: string, how: Settled['how']): Change {
  const open = Object.hasOwn(s.approvals, approval) ? s.approvals[approval] : undefined;
  if (open === undefined) return undefined;
  const { [approval]: _, ...approvals } = s.approvals;
  const { agent, title, answered } = open;
  return {
    approvals,
    settled: [...s.settled, { approval, agent, title, how, answered }].slice(-MAX_SETTLED),
  };
}
