/** How much may be asked of people, and how much of it is remembered (rule N4). */

/** Characters of a question, of one answer to choose from, and of an answer. */
export const MAX_QUESTION = 16_384;
export const MAX_OPTION = 256;
export const MAX_ANSWER = 16_384;
/** Answers to choose from. */
export const MAX_OPTIONS = 16;

/** Of a session: questions that are open, and that are remembered after they were settled. */
export const MAX_QUESTIONS = 64;
export const MAX_SETTLED_QUESTIONS = 64;

/** Milliseconds after which a question may at the latest be answered by its default. */
export const MAX_DEFAULT_AFTER_MS = 30 * 24 * 3_600_000;
