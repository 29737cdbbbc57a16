/** The commands about questions to a session's people: bodies and replies (zod). All are to the session (rules K1, N4). */
import * as z from 'zod';
import { identifier } from '../identifier.ts';
import { MAX_ANSWER, MAX_DEFAULT_AFTER_MS, MAX_OPTION, MAX_OPTIONS, MAX_QUESTION } from './limits.ts';

const text = z.string().trim().min(1);
const question = identifier;

export const questionCommands = {
  /**
   * Asks whoever may answer, wherever they are; nobody waits for it but its asker. By an agent it is withdrawn when the present run ends;
   * `agent` says so where the machine's user asks for one, and is nobody else's to say.
   */
  'question.ask': z
    .object({
      question,
      text: text.max(MAX_QUESTION),
      options: z.array(text.max(MAX_OPTION)).max(MAX_OPTIONS).default([]),
      /** Besides the options something else may be answered. */
      other: z.boolean().default(false),
      /** The answer when nobody has given one after so many milliseconds. */
      default: text.max(MAX_ANSWER).optional(),
      after: z.int().min(1_000).max(MAX_DEFAULT_AFTER_MS).optional(),
      agent: identifier.optional(),
    })
    .refine((one) => (one.default === undefined) === (one.after === undefined), {
      message: 'a default needs the time after which it counts, and the other way round',
      path: ['default'],
    })
    .refine((one) => new Set(one.options).size === one.options.length, {
      message: 'each must be another',
      path: ['options'],
    })
    .refine((one) => one.default === undefined || mayAnswer(one, one.default), {
      message: 'must be one of the options',
      path: ['default'],
    }),
  /** The first valid answer wins. Where there are options it is one of them, unless others are allowed. */
  'question.answer': z.object({ question, answer: text.max(MAX_ANSWER) }),
  /** By who has asked; by an operator, anybody's. */
  'question.withdraw': z.object({ question }),
};
export type QuestionCommands = {
  [K in keyof typeof questionCommands]: z.infer<(typeof questionCommands)[K]>;
};

/** The replies. Those of another node are checked by this before they are believed. */
export const questionReplies = {
  'question.ask': z.object({ question: identifier, n: z.int() }),
  'question.answer': z.object({ question: identifier, answer: z.string() }),
  'question.withdraw': z.object({ question: identifier }),
};

/** Whether a question may be answered so. */
export function mayAnswer(
  { options, other }: { options: readonly string[]; other?: boolean | undefined },
  answer: string,
): boolean {
  return options.length === 0 || other === true || options.includes(answer);
}
