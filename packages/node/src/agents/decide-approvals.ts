/** A session's decisions about what its agents ask: the first valid answer wins, and is told to the others (rule A5). Pure. */

import { createHash } from 'node:crypto';
import type { AgentCommands } from '@skein/protocol/agents/commands';
import type { ApprovalOption } from '@skein/protocol/agents/events';
import type { AgentLifeEvents } from '@skein/protocol/agents/life-events';
import { MAX_RULES } from '@skein/protocol/agents/limits';
import type { Answered, Approval } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import { idOf } from '@skein/protocol/ids';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Decision, NewEvent } from '../kernel/types.ts';
import { ALIKE } from './policy/always.ts';

interface RuleAdded extends NewEvent {
  type: 'rule.added';
  body: AgentLifeEvents['rule.added'];
}

export function answerApproval(
  state: SessionState,
  { approval: id, answer, always, reason }: AgentCommands['approval.answer'],
): Decision {
  const open = Object.hasOwn(state.approvals, id) ? state.approvals[id] : undefined;
  if (open === undefined) throw notOpen(state, id);
  if (open.answered !== null) throw answeredBefore(open.answered);
  const option = chosen(open, answer);
  const outcome = option.kind.startsWith('allow') ? 'allowed' : 'denied';
  const { agent, run } = open;
  const why = reason === undefined ? {} : { reason };
  const events: NewEvent[] = [
    { type: 'approval.answered', body: { agent, run, approval: id, outcome, option: option.id, ...why } },
  ];
  if (always) events.push(newRule(state, open, outcome));
  return { events, reply: { approval: id, outcome } };
}

export function removeRule(state: SessionState, { rule }: AgentCommands['rule.remove']): Decision {
  if (!state.rules.some((one) => one.rule === rule))
    throw new SkeinError('not_found', `There is no rule ${rule} in session "${state.name}".`);
  return { events: [{ type: 'rule.removed', body: { rule } }], reply: { rule } };
}

/** Somebody was called for a question; it is told once, and of an open one. */
export function calledFor(state: SessionState, { approval }: { approval: string }): Decision {
  const open = Object.hasOwn(state.approvals, approval) ? state.approvals[approval] : undefined;
  if (open === undefined || open.called === true) return {};
  const { agent, run } = open;
  return { events: [{ type: 'approval.called', body: { agent, run, approval } }] };
}

/** The option by which a yes or a no is said, the least lasting first. Undefined when the agent offers none. */
export function optionFor(
  options: readonly ApprovalOption[],
  answer: 'allow' | 'deny',
): ApprovalOption | undefined {
  const kinds =
    answer === 'allow' ? (['allow_once', 'allow_always'] as const) : (['deny_once', 'deny_always'] as const);
  for (const kind of kinds) {
    const found = options.find((one) => one.kind === kind);
    if (found !== undefined) return found;
  }
  return undefined;
}

function chosen({ options }: Approval, answer: AgentCommands['approval.answer']['answer']): ApprovalOption {
  const option =
    typeof answer === 'string' ? optionFor(options, answer) : options.find((one) => one.id === answer.option);
  if (option !== undefined) return option;
  throw new SkeinError('bad_request', 'The agent did not offer that answer.', {
    options: options.map(({ id, kind, label }) => ({ id, kind, label })),
  });
}

/** The rule that an answer for always makes. Throws `bad_request` where none can be, and `too_large`. */
function newRule(state: SessionState, approval: Approval, outcome: 'allowed' | 'denied'): RuleAdded {
  if (!canRule(approval)) {
    const text = 'What this call is to do is not known whole: it can be answered for now, not for always.';
    throw new SkeinError('bad_request', text);
  }
  const made = ruleOf(state, approval, outcome);
  if (made === undefined)
    throw new SkeinError('too_large', `A session has ${MAX_RULES} answers given for always at most.`);
  return made;
}

/** The same; undefined when there can be none, or are too many. */
export function ruleOf(
  { rules }: SessionState,
  asked: Approval,
  outcome: 'allowed' | 'denied',
): RuleAdded | undefined {
  if (rules.length >= MAX_RULES || !canRule(asked)) return undefined;
  const { approval, agent, tool, kind, title, same } = asked;
  // Made of what it is about, so that the same decision is the same event.
  const rule = idOf(createHash('sha256').update(approval).digest());
  const answer = outcome === 'allowed' ? ('allow' as const) : ('deny' as const);
  const about = ALIKE.includes(kind) || same === undefined ? { title: null } : { title, same };
  return { type: 'rule.added', body: { rule, agent, answer, tool: tool ?? kind, kind, ...about } };
}

/** Whether later calls are known that are like it. */
function canRule({ kind, same }: Approval): boolean {
  return ALIKE.includes(kind) || same !== undefined;
}

function notOpen({ settled, name }: SessionState, id: string): SkeinError {
  const was = settled.find((one) => one.approval === id);
  if (was === undefined)
    return new SkeinError('not_found', `Nothing called ${id} is asked in session "${name}".`);
  if (was.answered !== null) return answeredBefore(was.answered);
  const why =
    was.how === 'orphaned'
      ? 'Its agent has ended'
      : was.how === 'withdrawn'
        ? 'The agent has taken it back'
        : 'It is settled';
  return new SkeinError('gone', `${why}: this can not be answered any more.`, { how: was.how });
}

function answeredBefore({ outcome, by, rule, at }: Answered): SkeinError {
  const who = rule === undefined ? nameOf(by) : `the rule ${rule}`;
  return new SkeinError('already_answered', `This was ${outcome} by ${who} already.`, {
    outcome,
    by,
    at,
    ...(rule === undefined ? {} : { rule }),
  });
}

function nameOf(by: unknown): string {
  const { kind, name } = (by ?? {}) as { kind?: unknown; name?: unknown };
  if (kind === 'member' && typeof name === 'string') return name;
  return kind === 'owner' ? "the machine's user" : 'the node';
}
