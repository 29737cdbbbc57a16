/** `skein down`: stops the node. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const down: CommandSpec = {
  name: 'down',
  summary: 'stop the node; its sessions live on',
  details: 'The programs are held by hosts of their own, and the next command finds them again.',
  args: [],
  options: [{ name: 'kill', summary: 'end all sessions as well' }],
  examples: [
    ['skein down', 'stop the node alone'],
    ['skein down --kill', 'stop everything'],
  ],
  json: `{stopped, pid, sessions}: sessions is how many live on, or with --kill how many were ended.
  Where no node can start, stopped is false.`,
  load: () => import('./run.ts'),
};
