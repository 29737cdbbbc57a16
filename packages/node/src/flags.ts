/** How Node is told to run the node and its hosts. */

/**
 * V8 lets short-lived memory grow to three times this many MiB before it collects: with its own default a burst of bytes,
 * a program's or a stranger's, leaves a small process large.
 * `--expose-gc` is for resting.ts, which has what such a burst left collected.
 */
export const NODE_FLAGS = ['--max-semi-space-size=4', '--expose-gc'];
