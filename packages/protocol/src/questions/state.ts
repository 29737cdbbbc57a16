/** The questions that a session's people are asked, as a pure function of its events (rules L5, N4). */
import type { Who } from '../members/who.ts';
import type { StoredEvent } from '../sessions/events.ts';
import type { QuestionEvents } from './events.ts';
import { MAX_SETTLED_QUESTIONS } from './limits.ts';

type Body<K extends keyof QuestionEvents> = QuestionEvents[K];

export interface Question {
  question: string;
  /** Its number in the session. */
  n: number;
  text: string;
  options: string[];
  /** Besides the options something else may be answered. */
  other: boolean;
  default: string | null;
  /** When that counts, milliseconds since 1970. */
  due: number | null;
  agent: string | null;
  run: string | null;
  at: number;
  by: Who | null;
  /** Somebody was called to answer it. */
  called?: true;
}

/** One that needs no answer any more. */
export interface SettledQuestion extends Omit<Question, 'called'> {
  how: 'person' | 'default' | 'withdrawn' | 'orphaned';
  answer: string | null;
  settledAt: number;
  settledBy: Who | null;
}

export interface QuestionsPart {
  /** Open ones, by id, in the order in which they were asked. */
  questions: Record<string, Question>;
  /** The last ones that were settled, oldest first. */
  settledQuestions: SettledQuestion[];
  /** How many were ever asked. */
  asked: number;
}

export const NO_QUESTIONS: QuestionsPart = { questions: {}, settledQuestions: [], asked: 0 };

/** The state after one more event. Never changes the state it is given. */
export function reduceQuestions<S extends QuestionsPart>(state: S, event: StoredEvent): S {
  const { type, at } = event;
  switch (type as keyof QuestionEvents) {
    case 'question.asked': {
      const { question, n, text, options, other, due, agent, run, ...rest } =
        event.body as Body<'question.asked'>;
      const one: Question = {
        ...{ question, n, text, options, other: other ?? false, default: rest.default ?? null },
        ...{ due: due ?? null, agent: agent ?? null, run: run ?? null, at, by: event.by as Who | null },
      };
      return { ...state, questions: { ...state.questions, [question]: one }, asked: n };
    }
    case 'question.answered': {
      const { question, answer, how } = event.body as Body<'question.answered'>;
      return settled(state, question, how, answer, event);
    }
    case 'question.withdrawn': {
      const { question, why } = event.body as Body<'question.withdrawn'>;
      return settled(state, question, why === 'orphaned' ? 'orphaned' : 'withdrawn', null, event);
    }
    case 'question.called': {
      const { question } = event.body as Body<'question.called'>;
      const open = openIn(state, question);
      if (open === undefined) return state;
      return { ...state, questions: { ...state.questions, [question]: { ...open, called: true } } };
    }
    default:
      return state;
  }
}

function settled<S extends QuestionsPart>(
  state: S,
  id: string,
  how: SettledQuestion['how'],
  answer: string | null,
  { at, by }: StoredEvent,
): S {
  const open = openIn(state, id);
  if (open === undefined) return state;
  const { [id]: _, ...questions } = state.questions;
  const { called: __, ...was } = open;
  const one: SettledQuestion = { ...was, how, answer, settledAt: at, settledBy: by as Who | null };
  const settledQuestions = [...state.settledQuestions, one].slice(-MAX_SETTLED_QUESTIONS);
  return { ...state, questions, settledQuestions };
}

function openIn({ questions }: QuestionsPart, id: string): Question | undefined {
  return Object.hasOwn(questions, id) ? questions[id] : undefined;
}

/** A question by its id, open or settled lately. */
export function questionIn(state: QuestionsPart, id: string): Question | SettledQuestion | undefined {
  return openIn(state, id) ?? state.settledQuestions.find(({ question }) => question === id);
}
