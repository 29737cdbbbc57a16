/** `skein task`: what is to be done, in a queue that agents work off. */
import { MAX_RETRIES, MAX_SLOTS } from '@skein/protocol/tasks/limits';
import type { CommandSpec } from '../../invocation/spec.ts';

export const task: CommandSpec = {
  name: 'task',
  summary: 'give agents work from a queue: in order, with needs, deadlines, results',
  details: `add TEXT        to the end of the session's queue; - reads it from stdin
ls              all of them (the default), with who has them
show TASK       one, with what came of it
cancel TASK…    end it, and the turn that is for it
retry TASK…     begin one anew that came to nothing
slots N         how many are worked on at a time, up to ${MAX_SLOTS}

A task is given to an idle agent: the one that --to names, or of the kind that --agent names, of which one is started
if none is idle; any, if neither is said. Its result is what the agent reports, else its last message. It fails when
the agent ends, cannot do it, or its check fails; with --retries it is given again. One that needs others waits for
them, and fails with them unless --anyway.
Without --in it is about the session of this shell, or the only one.`,
  args: [
    { name: 'action', summary: 'add, ls, show, cancel, retry or slots' },
    { name: 'what', summary: 'the text, the tasks (by number or id), or the number of slots', many: true },
  ],
  options: [
    { name: 'in', value: 'SESSION', summary: 'the session; node:session on another machine' },
    { name: 'agent', value: 'KIND', summary: 'add: a definition, such as codex' },
    { name: 'to', value: 'AGENT', summary: 'add: an agent of the session' },
    { name: 'needs', value: 'TASKS', summary: 'add: these are done before, such as 1,2' },
    { name: 'anyway', summary: 'add: however what it needs ends' },
    {
      name: 'deadline',
      value: 'TIME',
      summary: 'add: cancelled when it is not finished by then, such as 30m',
    },
    { name: 'retries', value: 'N', summary: `add: given again so often, up to ${MAX_RETRIES}` },
    {
      name: 'check',
      value: 'COMMAND',
      summary: 'add: a shell command that must succeed where the agent works',
    },
    { name: 'on', value: 'NODE', summary: 'add: an agent that is started for it runs on this machine' },
    { name: 'workspace', short: 'w', value: 'NAME', summary: 'add: such an agent works in this workspace' },
    { name: 'wait', summary: 'add, show: stay until it has ended; exit 1 unless it is done' },
    { name: 'follow', short: 'f', summary: 'ls: go on with what changes' },
  ],
  examples: [
    [
      "skein task add --agent codex 'fix the login test' --check 'npm test'",
      'codex does it, and the tests must pass',
    ],
    ["skein task add --to codex-2 'write the changelog' --needs 1,2", 'when those are done'],
    ['skein task ls -f', 'watch them'],
    ['skein task show 3', 'what came of it'],
    ['skein task slots 2', 'two at a time'],
  ],
  json: `add: {task, n, session}; with --wait as show. ls: {slots, tasks: [{task, n, state, title, agent,
  agentName, needs, waitsFor, held, why, attempt, due, added, ended, …}]}, with --follow one a line.
  show: the same of one, with text and result: {ok, text, cut, data, from}. cancel, retry: [{task, n}] of
  those that were. slots: {slots}.`,
  load: () => import('./run.ts'),
};
