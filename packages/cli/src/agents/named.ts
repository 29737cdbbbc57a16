/** Which agent a person means by `node:session/agent` (rule M4): a session with one agent needs no name. Pure. */
import type { AgentState } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import type { SessionState } from '@skein/protocol/sessions/state';
import { type Place, placeOf } from '../connect/place.ts';

/** `ref` is the session's; `agent` undefined where none was named. */
export interface AgentPlace extends Place {
  agent: string | undefined;
}

type Session = Pick<SessionState, 'name' | 'agents' | 'run'>;

/** Neither a node's nor a session's name has a slash. */
export function agentPlaceOf(text: string): AgentPlace {
  const slash = text.indexOf('/');
  if (slash < 0) return { ...placeOf(text), agent: undefined };
  const agent = text.slice(slash + 1);
  if (agent === '') throw new SkeinError('bad_request', `"${text}" names no agent after its slash.`);
  return { ...placeOf(text.slice(0, slash)), agent };
}

/** The same of what need not be given: then it is everything on this node. */
export function agentPlaceIn(text: string | undefined): Partial<AgentPlace> {
  return text === undefined ? {} : agentPlaceOf(text);
}

/** The one that is meant: by name, by id, or by the beginning of either. Throws `not_found` or `ambiguous`. */
export function agentNamed(session: Session, wanted: string | undefined): AgentState {
  const all = agentsOf(session);
  if (wanted === undefined) {
    const [only] = all;
    if (all.length === 1 && only !== undefined) return only;
    const one = `${session.name}/${only?.name}`;
    throw new SkeinError('ambiguous', `Session "${session.name}" has ${names(all)}. Say which: ${one}`, {
      near: all.map(({ agent, name }) => ({ agent, name })),
    });
  }
  const whole = all.find(({ agent, name }) => name === wanted || agent === wanted);
  if (whole !== undefined) return whole;
  const begun = all.filter(({ agent, name }) => name.startsWith(wanted) || agent.startsWith(wanted));
  const [only] = begun;
  if (begun.length === 1 && only !== undefined) return only;
  const near = (begun.length > 0 ? begun : all).map(({ agent, name }) => ({ agent, name }));
  if (begun.length > 1)
    throw new SkeinError('ambiguous', `"${wanted}" could be any of: ${names(begun)}.`, { near });
  const message = `There is no agent "${wanted}" in session "${session.name}". It has ${names(all)}.`;
  throw new SkeinError('not_found', message, { near });
}

/** The one that was named, or all of them; throws `not_found` when the session has none. */
export function agentsMeant(session: Session, wanted: string | undefined): AgentState[] {
  return wanted === undefined ? agentsOf(session) : [agentNamed(session, wanted)];
}

/** How the agent is named on a command line: without its own name where that is not needed. */
export function refOf(
  node: string | undefined,
  session: Session,
  { name }: Pick<AgentState, 'name'>,
): string {
  const place = node === undefined ? session.name : `${node}:${session.name}`;
  return Object.keys(session.agents).length === 1 ? place : `${place}/${name}`;
}

function agentsOf(session: Session): AgentState[] {
  // Older nodes tell of none.
  const all = Object.values(session.agents ?? {});
  if (all.length > 0) return all;
  throw new SkeinError(
    'not_found',
    `Session "${session.name}" has no agents. Add one: skein spawn claude --in ${session.name}`,
  );
}

function names(agents: readonly AgentState[]): string {
  if (agents.length === 1) return `the agent ${agents[0]?.name}`;
  return `the agents ${agents.map(({ name }) => name).join(', ')}`;
}
