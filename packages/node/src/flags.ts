/** How Node is told to run the node and its hosts. */

/**
 * V8 lets short-lived memory grow to three times this many MiB before it collects: with its own default a burst of bytes,
 * a program's or a stranger's, leaves a small process large.
 * `--expose-gc` is for resting.ts, which has what such a burst left collected.
 */
export const NODE_FLAGS = ['--max-semi-space-size=4', '--expose-gc'];

/**
 * And in which environment: glibc keeps what a thread has freed in an arena of its own, for ever, and lets what it gives
 * back to the system become less the more it is used.
 */
export const MALLOC = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: String(128 * 1024) };

/**
 * The buffers of a node and of its hosts of agents, most of 64 KiB and most alive for a moment, have pages of their own, so that
 * each is given back whatever lies beside it. Not those of terminals: every read there would take some microseconds longer.
 */
export const PASSING_MALLOC = { ...MALLOC, MALLOC_MMAP_THRESHOLD_: String(32 * 1024) };
