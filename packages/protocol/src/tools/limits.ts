/** Limits of agents that direct agents, which the node holds and whoever asks should know (rules N1, N2). */

/** What an agent may do unless it is said: how deep those it starts may start others, and how many may be alive below it at a time. */
export const DIRECT_DEPTH = 2;
export const DIRECT_SPAWN = 8;

/** The most that can be said. */
export const MAX_DIRECT_DEPTH = 8;
export const MAX_DIRECT_SPAWN = 31;

/** Prompts and messages that one agent may give others within a minute. */
export const MAX_PROMPTS_A_MINUTE = 30;
export const PROMPT_WINDOW_MS = 60_000;

/** Calls of tools by one agent: at a time, and within a minute. */
export const MAX_TOOL_CALLS = 16;
export const MAX_CALLS_A_MINUTE = 600;

/** An event that a limit is reached is told so seldom: milliseconds between two of a kind. */
export const LIMIT_TOLD_MS = 60_000;

/** Characters of what one tool answers with, of what a person or an agent is told, and of what is typed. */
export const MAX_TOOL_TEXT = 60_000;
export const MAX_TOLD = 100_000;
export const MAX_TYPED = 16_384;

/** Characters of a report that are at hand without reading its event. */
export const KEPT_REPORT = 4_000;

/** Seconds that `wait` and its like wait: unless it is said, and at most. */
export const WAIT_S = 60;
export const MAX_WAIT_S = 600;
