/** Limits of agents on other machines that both ends must know (rules X1–X3). */

/** Grants that a machine gives, agents and directories named in one, and agents under one. */
export const MAX_GRANTS = 256;
export const MAX_GRANT_NAMES = 64;
export const MAX_GRANTED = 64;
/** Agents of one home that are kept on a machine, ended ones counted: they take room for sessions that is its user's too. */
export const MAX_HOSTED = 1_024;

/** Milliseconds of a lease: the least, the most, and what a grant gives unless it says otherwise. */
export const MIN_TERM_MS = 2_000;
export const MAX_TERM_MS = 24 * 3_600_000;
export const TERM_MS = 60_000;
/** A lease is renewed so many times a term. */
export const RENEWALS = 3;
/** Home waits so much longer than the term before it takes a lease for ended (rule X3). */
export const HOME_WAITS = 1.25;

/** What home has to tell one agent and was not heard yet. */
export const MAX_UNHEARD = 256;
/** What an agent asks of home and was not answered yet. */
export const MAX_HOME_ASKS = 64;
/** What it asks to be allowed and was not settled: home keeps no more of one agent, and no agent asks so much. */
export const MAX_FAR_APPROVALS = 256;
/** Characters of what is asked of home, as JSON. */
export const MAX_HOME_ASK = 256 * 1024;

/** Bytes of a bundle of a repository that goes from one machine to another, and of a piece of it; commits by which the two find what both have. */
export const MAX_BUNDLE = 1024 * 1024 * 1024;
export const MAX_PIECE = 512 * 1024;
export const MAX_BASIS = 256;
/** Bytes of all that a machine keeps of what one home has handed over. */
export const MAX_HANDED = 16 * MAX_BUNDLE;
