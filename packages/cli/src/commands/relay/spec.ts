/** `skein relay`: runs a relay. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const relay: CommandSpec = {
  name: 'relay',
  summary: 'run a relay, at which nodes meet that cannot reach each other',
  details: `It joins two encrypted connections and can read nothing of what passes. What follows "serve" is the relay's own:
skein relay serve --help`,
  args: [
    { name: 'action', summary: 'serve', required: true },
    { name: 'words', summary: "the relay's options", many: true },
  ],
  options: [],
  passThrough: true,
  examples: [
    ['skein relay serve', 'on this machine alone, to try it'],
    ['skein relay serve --host 0.0.0.0 --port 7000', 'for everybody'],
  ],
  json: 'With --json after serve: {url, relay, pid}, once it listens.',
  load: () => import('./run.ts'),
};
