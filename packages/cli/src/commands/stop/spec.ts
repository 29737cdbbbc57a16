/** `skein stop`: ends a session's program and its agents, gently at first. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const stop: CommandSpec = {
  name: 'stop',
  summary: "end a session's program (SIGHUP, and SIGKILL when it stays) and its agents",
  details: `SIGHUP is what a terminal sends that is closed; shells pass over SIGTERM. The session and what it
printed stay until skein rm. An agent that was stopped is not started again by itself.`,
  args: [
    {
      name: 'ref',
      summary: 'sessions by id, name, or the beginning of either; or session/agent',
      required: true,
      many: true,
    },
  ],
  options: [
    { name: 'grace', short: 'g', value: 'SECONDS', summary: 'time to end by itself (10)' },
    { name: 'signal', short: 's', value: 'NAME', summary: 'another signal to begin with' },
  ],
  examples: [
    ['skein stop api', 'and wait until it has ended'],
    ['skein stop api web -g 60', 'two of them, with a minute each'],
    ['skein stop api/claude', 'one agent of a session'],
    ['skein stop api -s TERM', 'a server that knows SIGTERM'],
  ],
  json: '[{id, name, state, code, signal}], in the order given; of an agent also {agent}, its name session/agent.',
  load: () => import('./run.ts'),
};
