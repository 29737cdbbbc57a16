/** The events of questions that are asked of a session's people, in the session's stream: one definition for type and check (rule N4). */
import * as z from 'zod';
import { MAX_ANSWER, MAX_OPTION, MAX_OPTIONS, MAX_QUESTION } from './limits.ts';

const id = z.string().min(1).max(64);
const answer = z.string().max(MAX_ANSWER);

export const questionEvents = {
  'question.asked': z.object({
    question: id,
    /** Its number in the session, from 1. */
    n: z.int().min(1),
    text: z.string().max(MAX_QUESTION),
    /** Answers to choose from; empty for whatever people say. `other`: something else may be said as well. */
    options: z.array(z.string().max(MAX_OPTION)).max(MAX_OPTIONS),
    other: z.boolean().optional(),
    /** What is answered by itself when nobody has by `due`, milliseconds since 1970. */
    default: answer.optional(),
    due: z.int().optional(),
    /** The agent that asks, and the run that it belongs to, if it is one's. */
    agent: id.optional(),
    run: id.optional(),
  }),
  /** `how`: by somebody, or by its default because nobody has in time. */
  'question.answered': z.object({ question: id, answer, how: z.enum(['person', 'default']) }),
  /** It needs no answer any more: as its asker said (`asked`), or because the run that it belonged to has ended (`orphaned`). */
  'question.withdrawn': z.object({ question: id, why: z.enum(['asked', 'orphaned']) }),
  /** Somebody was called to answer it. */
  'question.called': z.object({ question: id }),
};
export type QuestionEvents = { [K in keyof typeof questionEvents]: z.infer<(typeof questionEvents)[K]> };
