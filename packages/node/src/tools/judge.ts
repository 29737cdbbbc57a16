/** Whether an agent may give a command, by the capability that its session holds as this is decided (rules K1, N1, N2). Pure. */
import type { AgentState, Agents } from '@skein/protocol/agents/state';
import { allows, type Role } from '@skein/protocol/members/roles';
import type { Commands } from '@skein/protocol/sessions/commands';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Capability } from '@skein/protocol/tools/capability';
import { MAX_PROMPTS_A_MINUTE } from '@skein/protocol/tools/limits';
import { isBelow } from '@skein/protocol/tools/lineage';
import { limitReached, mayNotDirect, notYours } from './refusals.ts';
import { mayPrompt } from './told-limit.ts';

type State = Pick<Agents, 'agents' | 'approvals'>;
/** An agent that may direct others. */
export type Directing = AgentState & { direct: Capability };

/** The agent, if it has a capability and a run; throws `not_allowed`. */
export function directing(
  state: State & { id: string },
  { session, agent: id }: { session: string; agent: string },
): Directing {
  const agent = session === state.id && Object.hasOwn(state.agents, id) ? state.agents[id] : undefined;
  if (!agent?.direct || agent.run === null || agent.run.ended) throw mayNotDirect();
  return { ...agent, direct: agent.direct };
}

type Check = (by: Directing, state: State, body: never, now: number) => void;

/** What agents may give; all else is for people. */
const CHECKS: { [K in keyof Commands]?: Check } = {
  'agent.add': (by, _, { definition, mode }: { definition: string; mode?: string }) => {
    needRole(by, 'operator');
    // In another it might not have to ask for what this one has to.
    if (mode !== undefined && (definition !== by.definition || mode !== by.mode))
      throw notYours('You may give no mode but your own, to one of your own kind: leave "mode" out');
  },
  'agent.stop': (by, state, { agent }: { agent: string }) => needBelow(by, state, agent),
  'turn.cancel': (by, state, { agent }: { agent: string }) => needBelow(by, state, agent),
  'prompt.queue': (by, state, { agent }: { agent: string }, now) => {
    needRole(by, 'operator');
    if (agent === by.agent) throw notYours('You cannot prompt yourself: go on with what you do');
    checkRate(by, state, now);
  },
  'approval.answer': (by, state, { approval }: { approval: string }) => {
    if (!by.direct.approve)
      throw notYours('You were not given the right to answer for others: a person will');
    const asked = Object.hasOwn(state.approvals, approval) ? state.approvals[approval] : undefined;
    const asker = asked === undefined ? undefined : state.agents[asked.agent];
    if (asker !== undefined && !isBelow(asker, by.agent))
      throw notYours('You answer only what agents that you have started ask');
  },
  // None is refused: how many become prompts is looked at as they are decided.
  'agent.report': () => {},
  // Whose questions and tasks they are is looked at as they are decided.
  'question.ask': () => {},
  'question.withdraw': () => {},
  'task.report': () => {},
};

/** Throws `not_allowed` and `limit_reached`. */
export function checkAgent(
  agent: AgentState,
  state: State,
  type: keyof Commands,
  body: object,
  now: number,
): void {
  const check = Object.hasOwn(CHECKS, type) ? CHECKS[type] : undefined;
  if (check === undefined || !agent.direct) throw notYours('That is for people to do');
  check({ ...agent, direct: agent.direct }, state, body as never, now);
}

export function needRole({ direct }: Directing, needs: Role): void {
  if (allows(direct.role, needs)) return;
  throw notYours(`This needs the role of an ${needs} in your session; you are ${a(direct.role)}`);
}

/** Those that it has started, and theirs; in the role of an owner any but itself. */
export function needBelow(by: Directing, { agents }: Pick<Agents, 'agents'>, id: string): void {
  needRole(by, 'operator');
  const agent = Object.hasOwn(agents, id) ? agents[id] : undefined;
  // That there is none is told by who looks for it.
  if (agent === undefined || isBelow(agent, by.agent)) return;
  if (by.direct.role === 'owner' && id !== by.agent) return;
  throw notYours(
    id === by.agent ? 'You cannot do that to yourself' : `"${agent.name}" was not started by you`,
  );
}

/** Whoever types into an agent's own interface answers there what it asks, and ends its turns. */
export function needTerminal(by: Directing, { agents, run }: State & Pick<SessionState, 'run'>): void {
  const shown = Object.values(agents).find((one) => one.pty === true && one.run?.run === run?.run);
  if (shown === undefined || (by.direct.approve && isBelow(shown, by.agent))) return;
  throw notYours(
    shown.agent === by.agent
      ? 'The terminal is your own interface: you cannot type there'
      : `The terminal is the interface of "${shown.name}", where it is answered what it asks: you were not given the right to answer for it`,
  );
}

/** A limit on what agents tell each other, or two of them might do so for ever. */
function checkRate(by: Directing, state: State, now: number): void {
  if (mayPrompt(by, now)) return;
  throw limitReached(state, by, { which: 'prompts', of: by.agent, limit: MAX_PROMPTS_A_MINUTE });
}

function a(role: Role): string {
  return role === 'viewer' ? 'a viewer' : `an ${role}`;
}
