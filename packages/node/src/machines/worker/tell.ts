/** What home tells a hosted session, in order, each once: its inner command is decided in the same transaction (rules X2, X3). Pure. */
import { agentCommands } from '@skein/protocol/agents/commands';
import { SkeinError } from '@skein/protocol/errors';
import { homeAnswer, type LeaseCommands } from '@skein/protocol/machines/commands';
import type { Hosted } from '@skein/protocol/machines/hosted';
import type { SessionState } from '@skein/protocol/sessions/state';
import { parseBody } from '../../actors/parse-body.ts';
import { agentHandlers } from '../../agents/decide.ts';
import type { DecideContext, Decision } from '../../kernel/types.ts';
import type { Giver } from '../../members/givers.ts';
import { idTaken } from '../../sessions/known-ids.ts';

/** What the node adds to `home.tell`. */
export interface TellFacts {
  /** What a prompt's parts name that was handed over before, by handle. */
  uploads?: Record<string, string>;
  /** As many agents run under its grant as may. */
  full?: boolean;
  /** The run that is to be begun is known here already. */
  taken?: boolean;
}

/** Characters of a refusal's sentence that are kept. */
const MAX_WHY = 1_000;

type Told = LeaseCommands['home.tell'];
type Inner = Exclude<keyof typeof agentCommands, 'agent.add'>;

/** `hosted` has been held against the epoch. Throws `out_of_order`, and `upload_gone`, which can be mended and told again. */
export function homeTells(
  state: SessionState,
  { heard }: Hosted,
  told: Told,
  giver: Giver,
  ctx: DecideContext,
): Decision {
  const { n } = told;
  if (n <= heard) return { reply: { n, heard } };
  if (n > heard + 1)
    throw new SkeinError('out_of_order', `What was told before is missing: ${heard + 1} comes next.`, {
      rule: 'X2',
      heard,
    });
  const reply = { n, heard: n };
  try {
    const { events = [], tell = [], effects = [], cells = [] } = decided(state, told, giver, ctx);
    return { events: [...events, { type: 'home.heard', body: { n } }], tell, effects, cells, reply };
  } catch (thrown) {
    const { code, message } = SkeinError.from(thrown);
    if (code === 'internal') throw thrown;
    if (code === 'upload_gone') throw thrown;
    const error = { code, message: message.slice(0, MAX_WHY) };
    return { events: [{ type: 'home.heard', body: { n, error } }], reply };
  }
}

function decided(state: SessionState, { type, body }: Told, giver: Giver, ctx: DecideContext): Decision {
  if (type === 'home.answer') return answered(state, body);
  if (!isInner(type))
    throw new SkeinError('unknown_command', `A hosted agent is not told "${type}".`, {
      known: Object.keys(agentCommands),
    });
  const parsed = parseBody(agentCommands[type], body);
  if (type === 'agent.restart') checkRestart(ctx.facts as TellFacts | undefined);
  const handle = agentHandlers[type] as (s: SessionState, b: unknown, g: Giver, c: DecideContext) => Decision;
  const decision = handle(state, parsed, giver, ctx);
  if (type !== 'agent.remove') return decision;
  // With its agent the session has no purpose: it goes, and everything that is kept of it (L8).
  const forget = { target: 'node', type: 'hosted.forget', body: { id: state.id } };
  return { ...decision, tell: [...(decision.tell ?? []), forget] };
}

function isInner(type: string): type is Inner {
  return Object.hasOwn(agentCommands, type) && type !== 'agent.add';
}

function checkRestart({ full = false, taken = false }: TellFacts = {}): void {
  if (taken) throw idTaken();
  if (full) throw asManyAsMay();
}

export function asManyAsMay(): SkeinError {
  const message = 'As many of your agents run on that machine as its grant allows. Stop one first.';
  return new SkeinError('limit_reached', message, { rule: 'X1' });
}

function answered({ hosted }: SessionState, body: unknown): Decision {
  const { ask, error, answer } = parseBody(homeAnswer, body);
  if (hosted?.asks.every((one) => one.ask !== ask))
    throw new SkeinError('gone', 'That is not asked any more.');
  const told = {
    ...{ ask, by: 'home' },
    ...(error === undefined ? {} : { error: { ...error, message: error.message.slice(0, MAX_WHY) } }),
    ...(answer === undefined ? {} : { answer }),
  };
  return { events: [{ type: 'home.answered', body: told }] };
}
