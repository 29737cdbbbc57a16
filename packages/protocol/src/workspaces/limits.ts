/** How much of workspaces and claims there may be. */

/** Workspaces of one node at a time: its index is kept in memory. */
export const MAX_WORKSPACES = 1_000;

/** Of one workspace: claims held at a time, claims that wait, and patterns of one claim. */
export const MAX_CLAIMS = 20_000;
export const MAX_WAITERS = 1_000;
export const MAX_GLOBS = 64;

/** Bytes of a path within a workspace, as the system has it; and its segments. */
export const MAX_WORKSPACE_PATH = 4_096;
export const MAX_SEGMENTS = 256;
/** Paths that one tool call may write. */
export const MAX_PATHS = 1_024;
/** Tool calls of one run that are let through and have not ended. */
export const MAX_CALLS = 256;

/** Milliseconds: the shortest and longest lease of a claim that somebody asks for, and what it is unless they do. */
export const MIN_LEASE_MS = 1_000;
export const MAX_LEASE_MS = 7 * 86_400_000;
/** Of a claim that a run holds: renewed for as long as the run lives. */
export const RUN_LEASE_MS = 60_000;
/** Of a claim that a person holds: nobody can tell whether they still do. */
export const PERSON_LEASE_MS = 30 * 60_000;
/** Milliseconds after which a claim that waits is given up unless whoever waits has asked again. */
export const WAITER_LEASE_MS = 45_000;

/** Of a workspace, the newest that are remembered in its state. */
export const MAX_CONFLICTS = 100;
export const MAX_LANDINGS = 100;
/** Runs that a conflict names as those that may have written. */
export const MAX_WRITERS = 32;
/** Of a session: refusals, conflicts and landings that are remembered in its state. */
export const MAX_NOTES = 32;

/** Milliseconds that a hook or a check may take: at most, and unless it is said. */
export const MAX_HOOK_MS = 6 * 3_600_000;
export const HOOK_MS = 10 * 60_000;
/** Characters of a command that is run as a hook or a check, and of the last of what it printed that is kept. */
export const MAX_HOOK = 8_192;
export const MAX_HOOK_OUTPUT = 64 * 1024;
/** Characters of a URL, a branch, a reason. */
export const MAX_URL = 2_048;
export const MAX_REF = 255;

/** Characters of what a landing's commit says, sessions that are told of a landing, and landings that have not come to their end. */
export const MAX_LANDING_WORDS = 8_192;
export const MAX_TOLD = 16;
export const MAX_LANDING = 50;
