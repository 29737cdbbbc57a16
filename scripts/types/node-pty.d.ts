/** The prebuilt node-pty is installed under the name node-pty, and its declarations under its own. */
declare module 'node-pty' {
  export * from '@lydell/node-pty';
}
