/** How many tasks a session may have, and how much each may hold (rule N3). */

/** Tasks that have not ended, and ended ones that are remembered, of one session. */
export const MAX_OPEN_TASKS = 256;
export const MAX_ENDED_TASKS = 128;

/** Characters of what is wanted; of what is reported, and of that kept at hand; of a result for programs, as JSON. */
export const MAX_TASK_TEXT = 32_768;
export const MAX_REPORT = 100_000;
export const KEPT_RESULT = 8_192;
export const MAX_TASK_DATA = 16_384;

/** Tasks that one may need to be done before it. */
export const MAX_NEEDS = 32;

/** Tasks of one session that are worked on at a time: unless it is said, and at most (no more agents fit into a session). */
export const SLOTS = 4;
export const MAX_SLOTS = 32;

/** Times that a task may be given again. */
export const MAX_RETRIES = 10;

/** Milliseconds. */
export const MAX_DEADLINE_MS = 30 * 24 * 3_600_000;

/** Characters of a command that checks a result. */
export const MAX_CHECK = 4_096;
/** Characters of why a task is as it is. */
export const MAX_WHY = 4_096;
