/**
 * What follows, for its worktree here, from what an agent on another machine did (rules W5, W6): what it asks to claim is asked of the
 * worktree's workspace, its turns end there too, and at the end of each its work is brought back. In the same transaction as that is
 * copied, so that it happens once. Pure.
 */
import { HOME_CLAIM } from '@skein/protocol/machines/claims';
import type { SessionEvents } from '@skein/protocol/sessions/events';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { DecideContext, Decision, Effect, NewEvent, Tell } from '../../kernel/types.ts';
import { after } from '../../machines/home/telling.ts';
import type { ClaimAsked, ClaimPassed } from '../decide-asked.ts';

/** Brings back what an agent's tree holds; it can be missed, since there will be another. */
export const BRING_TREE = 'bring-tree';
export interface BringTree {
  workspace: string;
}

type Body<K extends keyof SessionEvents> = SessionEvents[K];

/** Ends after which there may be something new. */
const ENDS: readonly string[] = ['turn.ended', 'agent.exited', 'far.link', 'far.placed'];
/** Whereupon what is asked and was not answered is looked at again: the answer may not have been sayable before. */
const AGAIN: readonly string[] = ['far.leased', 'far.heard', 'far.link'];

/** A decision that also tells the workspaces of its far agents. */
export function farWork(before: SessionState, decision: Decision, ctx: DecideContext): Decision {
  const { events = [] } = decision;
  if (Object.keys(before.far).length === 0) return decision;
  const tell: Tell[] = [];
  const effects: Effect[] = [];
  let now = before;
  for (const [i, event] of events.entries()) {
    const was = now;
    const at = { ...ctx, offset: ctx.offset + i };
    now = after(was, [event], at);
    if (event.type === 'session.removed') tell.push(...Object.keys(was.far).map(unhosted));
    const agent = whose(was, event);
    if (agent === undefined) continue;
    tell.push(...told(was, now, agent, event));
    if (!ENDS.includes(event.type) || (event.body as { link?: string }).link === 'down') continue;
    const body: BringTree = { workspace: agent };
    effects.push({ id: `bring ${agent} ${at.offset}`, kind: BRING_TREE, body });
  }
  if (tell.length === 0 && effects.length === 0) return decision;
  return {
    ...decision,
    tell: [...(decision.tell ?? []), ...tell],
    effects: [...(decision.effects ?? []), ...effects],
  };
}

/** The far agent that an event is about. */
function whose(state: SessionState, { body }: NewEvent): string | undefined {
  const { agent, run } = (body ?? {}) as { agent?: unknown; run?: unknown };
  if (typeof agent === 'string') return Object.hasOwn(state.far, agent) ? agent : undefined;
  if (typeof run !== 'string') return undefined;
  return Object.keys(state.far).find((one) => state.agents[one]?.run?.run === run);
}

/** Its worktree here goes, unless it holds what has not landed. */
function unhosted(agent: string): Tell {
  return { target: `workspace/${agent}`, type: 'workspace.unhosted', body: {} };
}

function told(was: SessionState, now: SessionState, agent: string, { type, body }: NewEvent): Tell[] {
  const target = `workspace/${agent}`;
  const run = now.agents[agent]?.run?.run;
  if (type === 'agent.removed') return [unhosted(agent)];
  if (run === undefined) return [];
  if (type === 'turn.ended') return [{ target, type: 'turn.ended', body: { run } }];
  if (type === 'far.asked') return asking(now, agent, run, [(body as Body<'far.asked'>).ask]);
  if (AGAIN.includes(type)) return asking(now, agent, run, undefined);
  if (type !== 'far.answered') return [];
  const { ask, by } = body as Body<'far.answered'>;
  const asked = was.far[agent]?.asks.find((one) => one.ask === ask);
  const claim = HOME_CLAIM.safeParse(asked?.body).data;
  if (by !== 'policy' || asked?.kind !== 'claim' || claim === undefined) return [];
  const passed: ClaimPassed = { run, ask, paths: claim.paths };
  return [{ target, type: 'claim.passed', body: passed }];
}

/** What is asked and not answered, as far as an answer can be said. */
function asking(
  { id, far }: SessionState,
  agent: string,
  run: string,
  only: readonly string[] | undefined,
): Tell[] {
  const { asks = [], unheard = [], unleased = null } = far[agent] ?? {};
  if (unleased !== null) return [];
  return asks.flatMap(({ ask, kind, body }) => {
    if (kind !== 'claim' || only?.includes(ask) === false) return [];
    const said = unheard.some(
      (one) => one.type === 'home.answer' && (one.body as { ask?: string }).ask === ask,
    );
    const claim = HOME_CLAIM.safeParse(body).data;
    const asked: ClaimAsked = { session: id, agent, ask, run, paths: claim?.paths ?? [] };
    return said ? [] : [{ target: `workspace/${agent}`, type: 'claim.asked', body: asked }];
  });
}
