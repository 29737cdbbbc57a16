/** A session's decisions about what its people are asked: the first valid answer wins, as with approvals (rules N4, A5). Pure. */
import { isAlive } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import { allows } from '@skein/protocol/members/roles';
import { type Who, who } from '@skein/protocol/members/who';
import { mayAnswer, type QuestionCommands } from '@skein/protocol/questions/commands';
import type { QuestionEvents } from '@skein/protocol/questions/events';
import { MAX_QUESTIONS } from '@skein/protocol/questions/limits';
import { type Question, questionIn, type SettledQuestion } from '@skein/protocol/questions/state';
import type { SessionState } from '@skein/protocol/sessions/state';
import { agentIn } from '../agents/find.ts';
import type { DecideContext, Decision, NewEvent } from '../kernel/types.ts';
import type { Giver } from '../members/givers.ts';
import { notAllowed } from '../members/refusals.ts';

export type QuestionHandlers = {
  [K in keyof QuestionCommands]: (
    state: SessionState,
    body: QuestionCommands[K],
    giver: Giver,
    ctx: DecideContext,
  ) => Decision;
};

export const questionHandlers: QuestionHandlers = {
  'question.ask': ask,
  'question.answer': (state, body) => answer(state, body),
  'question.withdraw': withdraw,
};

function ask(
  state: SessionState,
  { question, text, options, other, default: preset, after, agent: named }: QuestionCommands['question.ask'],
  giver: Giver,
  ctx: DecideContext,
): Decision {
  if (questionIn(state, question) !== undefined)
    throw new SkeinError('name_taken', `There is a question ${question} already.`);
  if (Object.keys(state.questions).length >= MAX_QUESTIONS)
    throw new SkeinError(
      'mailbox_full',
      `${MAX_QUESTIONS} questions wait in session "${state.name}" already: somebody has to answer some.`,
    );
  const asker = agentOf(ctx.by) ?? named;
  if (named !== undefined && asker === named && agentOf(ctx.by) === undefined && giver.is !== 'local')
    throw notAllowed('node-owner', giver.is === 'member' ? giver.standing.role : 'stranger');
  const agent = asker === undefined ? undefined : agentIn(state, asker);
  const run = agent !== undefined && isAlive(agent) ? agent.run?.run : undefined;
  if (agent !== undefined && run === undefined)
    throw new SkeinError('not_running', `Agent "${agent.name}" does not run, and can ask nothing.`);
  const body: QuestionEvents['question.asked'] = {
    ...{ question, n: state.asked + 1, text, options },
    ...(other ? { other } : {}),
    ...(preset === undefined ? {} : { default: preset, due: ctx.now + (after ?? 0) }),
    ...(agent === undefined || run === undefined ? {} : { agent: agent.agent, run }),
  };
  return { events: [{ type: 'question.asked', body }], reply: { question, n: body.n } };
}

function answer(
  state: SessionState,
  { question: id, answer: said }: QuestionCommands['question.answer'],
): Decision {
  const one = openOne(state, id);
  if (!mayAnswer(one, said))
    throw new SkeinError('bad_request', `Question ${one.n} has these answers: ${one.options.join(', ')}.`, {
      field: 'answer',
      options: one.options,
    });
  return {
    events: [{ type: 'question.answered', body: { question: id, answer: said, how: 'person' } }],
    reply: { question: id, answer: said },
  };
}

function withdraw(
  state: SessionState,
  { question: id }: QuestionCommands['question.withdraw'],
  giver: Giver,
  ctx: DecideContext,
): Decision {
  const one = openOne(state, id);
  const agent = agentOf(ctx.by);
  // Nobody is silenced by an agent but itself.
  if (agent !== undefined && one.agent !== agent)
    throw new SkeinError('not_allowed', `Question ${one.n} is not yours to withdraw.`, { rule: 'N4' });
  if (giver.is === 'member' && !allows(giver.standing.role, 'operator'))
    throw notAllowed('operator', giver.standing.role);
  return {
    events: [{ type: 'question.withdrawn', body: { question: id, why: 'asked' } }],
    reply: { question: id },
  };
}

function openOne(state: SessionState, id: string): Question {
  const one = questionIn(state, id);
  if (one === undefined)
    throw new SkeinError('not_found', `There is no question ${id} in session "${state.name}".`);
  if (!('how' in one)) return one;
  throw settledBefore(one);
}

/** Who was first, as with approvals. */
function settledBefore(one: SettledQuestion): SkeinError {
  const { how, answer: said, settledBy, n } = one;
  if (how === 'person') {
    const sentence = `Question ${n} was answered before, by ${nameOf(settledBy)}: ${said}`;
    return new SkeinError('already_answered', sentence, { answer: said, by: settledBy });
  }
  const why =
    how === 'default'
      ? `was answered by its default, because nobody had: ${said}`
      : how === 'orphaned'
        ? 'needs no answer any more: the run of its agent has ended.'
        : 'was withdrawn by who had asked it.';
  return new SkeinError(how === 'default' ? 'already_answered' : 'gone', `Question ${n} ${why}`, {
    how,
    answer: said,
  });
}

/** The agent that a command is by, if it is one's. */
export function agentOf(by: unknown): string | undefined {
  const { data } = who.safeParse(by);
  return data?.kind === 'agent' ? data.agent : undefined;
}

export function nameOf(by: Who | null): string {
  if (by === null) return 'somebody';
  if (by.kind === 'owner') return "this machine's user";
  if (by.kind === 'node') return 'the node';
  return by.kind === 'device' ? by.device : by.name;
}

/** The questions that belong to runs that are no more, and those whose default counts now. */
export function questionsOver({ questions, agents }: SessionState, now: number): NewEvent[] {
  return Object.values(questions).flatMap((one): NewEvent[] => {
    const { question, agent, run, due } = one;
    if (agent !== null) {
      const asker = Object.hasOwn(agents, agent) ? agents[agent] : undefined;
      if (asker?.run?.run !== run || asker.run.ended)
        return [{ type: 'question.withdrawn', body: { question, why: 'orphaned' } }];
    }
    if (due === null || due > now || one.default === null) return [];
    return [{ type: 'question.answered', body: { question, answer: one.default, how: 'default' } }];
  });
}
