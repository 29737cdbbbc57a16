/** `skein top`: what runs on all machines, live. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const top: CommandSpec = {
  name: 'top',
  summary: 'sessions, agents and terminals of all machines, live, with what they take',
  details: `Of this machine, of those whose sessions were joined, and of those that run agents of this one's sessions.
Enter opens what is chosen, x stops it, ? tells the rest. What a narrow terminal has no room for is left out:
first tokens, then what is run, who looks on, the queue, cost, turn, machine. CPU is per cent of one core;
memory is each program's share, with all that it has started. Without a terminal it is printed once.`,
  args: [],
  options: [
    { name: 'once', short: '1', summary: 'print a table and end' },
    { name: 'follow', short: 'f', summary: 'with --json: a line at each look' },
    { name: 'every', value: 'TIME', summary: 'between two looks, such as 5s (1s)' },
    { name: 'sort', short: 's', value: 'KEY', summary: 'state, cpu, mem, cost or name' },
    {
      name: 'filter',
      value: 'WORDS',
      summary: 'only what has all of them: in a name, state, machine, person',
    },
  ],
  examples: [
    ['skein top', 'until q'],
    ['skein top --once --sort cpu', 'what takes most, as a table'],
    ['skein top --json', 'for programs'],
    ['skein top --json --follow --every 10s', 'a line each ten seconds'],
    ["skein top --filter 'waiting'", 'who waits for an answer'],
  ],
  json: `{at, machines: [{name, here, reachable, age, peer, error, sessions, more, ended, machine}],
  rows: [{kind, pty, ref, node, session, agent, what, state, cpu, memory, cost, tokens: {input, output}, turn,
  queue, asks, machine, who, old}]}
  kind: agent | terminal; node: null for this machine's sessions; cpu: cores; memory: bytes; both null where
  they are not known; turn: ms that it has lasted; age: ms since that machine told; old: of a machine that
  does not answer; machine: {cores, memory, free, load, node, hosts}.`,
  load: () => import('./run.ts'),
};
