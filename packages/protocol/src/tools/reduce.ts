/** What a session keeps of its agents for those that direct them, as a pure function of its events (rules L5, N1, N2). */
import { ofRun } from '../agents/reduce.ts';
import type { AgentState, Agents } from '../agents/state.ts';
import type { SessionEvents, StoredEvent } from '../sessions/events.ts';
import { KEPT_REPORT, PROMPT_WINDOW_MS } from './limits.ts';

type Body<K extends keyof SessionEvents> = SessionEvents[K];

/** The state after one more event, that at `offset`. Never changes the state it is given. */
export function reduceTools<S extends Agents>(state: S, event: StoredEvent, offset: number): S {
  const { type, at } = event;
  switch (type as keyof SessionEvents) {
    case 'limit.reached': {
      const { agent, which } = event.body as Body<'limit.reached'>;
      return on(state, agent, ({ limited }) => ({ limited: { ...limited, [which]: at } }));
    }
    case 'agent.reported': {
      const { agent, told, ok, text } = event.body as Body<'agent.reported'>;
      const cut = text.length > KEPT_REPORT ? { cut: text.length } : {};
      const reported = { ok, text: text.slice(0, KEPT_REPORT), ...cut };
      const parent = state.agents[agent]?.above?.[0];
      const now = on(state, agent, () => ({ reported: { ...reported, at } }));
      if (parent === undefined || told === true) return now;
      return on(now, parent, ({ unread = [] }) => ({
        unread: [...unread.filter((one) => one !== agent), agent],
      }));
    }
    case 'reports.seen': {
      const { agent, of, prompted } = event.body as Body<'reports.seen'>;
      const now = on(state, agent, ({ unread = [] }) => ({
        unread: unread.filter((one) => !of.includes(one)),
      }));
      if (prompted !== true) return now;
      return of.reduce((s, one) => on(s, one, ({ gave }) => ({ gave: more(gave, at) })), now);
    }
    case 'prompt.queued': {
      const giver = giverIn(event.by);
      return giver === undefined ? state : on(state, giver, ({ gave }) => ({ gave: more(gave, at) }));
    }
    case 'turn.started': {
      const { run, turn, prompt, replayed } = event.body as Body<'turn.started'>;
      const agent = replayed === true ? undefined : ofRun(state, run);
      if (agent === undefined) return state;
      return on(state, agent.agent, () => ({ last: { turn, prompt, from: offset, to: null, end: null } }));
    }
    case 'turn.ended': {
      const { run, turn, reason } = event.body as Body<'turn.ended'>;
      const agent = ofRun(state, run);
      if (agent?.last?.turn !== turn || agent.last.end !== null) return state;
      return on(state, agent.agent, ({ last }) =>
        last ? { last: { ...last, to: offset, end: reason } } : {},
      );
    }
    default:
      return state;
  }
}

/** The agent that an event is by. */
export function giverIn(by: unknown): string | undefined {
  const { kind, agent } = (by ?? {}) as { kind?: unknown; agent?: unknown };
  return kind === 'agent' && typeof agent === 'string' ? agent : undefined;
}

/** Prompts given in the minute that runs, with one more. */
function more(gave: AgentState['gave'], at: number): NonNullable<AgentState['gave']> {
  const begun = gave !== undefined && at - gave.since < PROMPT_WINDOW_MS ? gave : { since: at, n: 0 };
  return { since: begun.since, n: begun.n + 1 };
}

function on<S extends Agents>(state: S, id: string, change: (was: AgentState) => Partial<AgentState>): S {
  const was = Object.hasOwn(state.agents, id) ? state.agents[id] : undefined;
  return was === undefined
    ? state
    : { ...state, agents: { ...state.agents, [id]: { ...was, ...change(was) } } };
}
