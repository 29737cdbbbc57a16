/** Tasks, questions and the inbox by the real `skein`, with an agent that speaks ACP and a node that is killed (rules N3, N4). */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { InboxItem, ListedTask, TaskAnswer } from '@skein/protocol/tasks/asks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { steps } from './support/acp-agent.ts';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { until } from './support/processes.ts';

let skein: Skein;
let work: string;
const children = new Set<ChildProcess>();

beforeAll(() => {
  skein = new Skein();
  work = join(skein.home, '..', 'work');
  mkdirSync(work);
  defineFake(skein.home);
  skein.run('run', '-d', '-C', work, '--name', 'api', 'fake');
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  skein.destroy();
});

const add = (...args: string[]) => skein.json<{ task: string; n: number }>('task', 'add', ...args).n;
const tasks = () => skein.json<{ tasks: ListedTask[] }>('task', 'ls').tasks;
const state = (n: number) => tasks().find((one) => one.n === n)?.state;
const show = (n: number) => skein.json<TaskAnswer>('task', 'show', String(n));
const inbox = () => skein.json<{ items: (InboxItem & { command: string })[] }>('inbox').items;
const failure = (...args: string[]): [number | null, string] => {
  const { status, stdout, stderr } = skein.try([...args, '--json']);
  expect(stdout).toBe('');
  return [status, JSON.parse(stderr).error.code];
};
const begin = (...args: string[]) => {
  const child = spawn(...skein.words(...args), { env: skein.env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, stdout: text(child.stdout) };
};

test('[N3] a task is done by an idle agent, by one that is started for it, after what it needs, and shown with its result', async () => {
  const { status, stdout } = skein.try(['task', 'add', 'say hello', '--wait']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/Task 1 of api.*done.*say hello.*Last said:.*You said: say hello/s);
  const slow = add('--agent', 'fake', steps({ do: 'hang' }));
  const other = add('--agent', 'fake', 'second');
  const after = add('third', '--needs', `${slow},${other}`);
  await until('a second agent has done it', () => state(other) === 'done');
  expect(skein.json<{ name: string }[]>('agents', 'api').map(({ name }) => name)).toEqual(['fake', 'fake-2']);
  expect(tasks().find(({ n }) => n === after)).toMatchObject({ state: 'waiting', waitsFor: [slow] });
  expect(skein.run('task', 'ls')).toMatch(
    /TASK +STATE +AGE +AGENT +NEEDS +WHAT\n.*waiting +\S+ +any +2,3 +third/s,
  );
  // One of the two is done: the other is cancelled nevertheless.
  const cancelled = skein.try(['task', 'cancel', '1', String(slow)]);
  expect(cancelled).toMatchObject({ status: 1, stdout: `Task ${slow} is cancelled.\n` });
  await until('that fails with it', () => state(after) === 'failed');
  expect(show(after).why).toBe(`It needs task ${slow}, which was cancelled.`);
  await until('both are idle', () =>
    skein.json<{ doing: string }[]>('agents', 'api').every(({ doing }) => doing === 'idle'),
  );
});

test('[N3] a check decides where the agent works, an agent that dies is replaced, and a deadline ends the turn', async () => {
  const checked = add(
    'do it',
    '--check',
    `pwd > '${join(work, 'there')}'; test -e '${join(work, 'never')}'`,
    '--retries',
    '1',
  );
  await until('the check has failed twice', () => state(checked) === 'failed');
  expect(show(checked)).toMatchObject({ attempt: 2, why: expect.stringContaining('The check ended with 1') });
  expect(readFileSync(join(work, 'there'), 'utf8').trim()).toBe(work);
  const dead = add('--agent', 'fake', steps({ do: 'die' }), '--retries', '1');
  await until('two have died of it', () => state(dead) === 'failed');
  expect(show(dead)).toMatchObject({ attempt: 2, why: expect.stringMatching(/The agent has ended/) });
  const late = add('--agent', 'fake', steps({ do: 'hang' }), '--deadline', '1s');
  await until('its time is over', () => state(late) === 'late');
  expect(
    inbox()
      .filter(({ kind }) => kind === 'task')
      .map(({ n }) => n),
  ).toEqual(expect.arrayContaining([late, dead, checked]));
});

test('[N3] a check ends with what it is for: when its task is cancelled, at its deadline, with its session', async () => {
  const pids: number[] = [];
  const checking = async (session: string, ...more: string[]) => {
    const file = join(work, `check-${pids.length}`);
    // Its shell is told to go on: all that it has started ends with it.
    const check = `trap : TERM; sleep 3600 & echo $! > '${file}'; wait; wait`;
    const n = add('--in', session, '--agent', 'fake', '--check', check, ...more, 'do it');
    await until('it is checked', () => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
    pids.push(Number(readFileSync(file, 'utf8')));
    return n;
  };
  const over = () => pids.filter((pid) => existsSync(`/proc/${pid}`));
  const one = await checking('api');
  skein.run('task', 'cancel', String(one), '--in', 'api');
  await until('its check has ended', () => over().length === 0);
  const late = await checking('api', '--deadline', '2s');
  await until('its time is over', () => state(late) === 'late');
  await until('its check has ended as well', () => over().length === 0);
  skein.run('run', '-d', '-C', work, '--name', 'gone', 'fake');
  await checking('gone');
  expect(over()).toHaveLength(1);
  skein.run('rm', '-f', '--purge', 'gone');
  await until('the last has ended', () => over().length === 0);
});

test('[N3] a node that is killed in the middle gives nothing twice and forgets nothing', async () => {
  skein.run('task', 'slots', '2');
  const all = Array.from({ length: 6 }, () =>
    add('--agent', 'fake', steps({ do: 'long', pieces: 400 }), '--retries', '2'),
  );
  process.kill(skein.json<{ pid: number }>('status').pid, 'SIGKILL');
  await until('all are done', () => all.every((n) => state(n) === 'done'), 60_000);
  for (const n of all) expect(show(n).result?.text).toMatch(/^0 1 2 .* 399 $/);
  const events = skein
    .run('events', 'api', '--json')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const prompts = events.filter(({ type }) => type === 'prompt.queued').map(({ body }) => body.prompt);
  expect(new Set(prompts).size).toBe(prompts.length);
});

test('[N3] what is wrong is said with what would be right', () => {
  expect(failure('task', 'add')).toEqual([2, 'bad_request']);
  expect(failure('task', 'add', 'x', '--needs', '99')).toEqual([3, 'not_found']);
  expect(failure('task', 'add', 'x', '--to', 'nobody')).toEqual([3, 'not_found']);
  expect(failure('task', 'add', 'x', '--to', 'fake', '--agent', 'fake')).toEqual([2, 'bad_request']);
  expect(failure('task', 'add', 'x', '--deadline', 'soon')).toEqual([2, 'bad_request']);
  expect(failure('task', 'show', '99')).toEqual([3, 'not_found']);
  expect(failure('task', 'cancel', '1')).toEqual([1, 'gone']);
  expect(failure('task', 'slots', '0')).toEqual([2, 'bad_request']);
  expect(failure('task', 'bake')).toEqual([2, 'bad_request']);
  expect(failure('answer', 'zzzz', 'x')).toEqual([3, 'not_found']);
  expect(failure('ask', 'q', '--default', 'x')).toEqual([2, 'bad_request']);
});

test('[N4] a question waits in the inbox over a killed node until the first answer, which its asker gets', async () => {
  const asker = begin('ask', 'Which port?', '--options', '80,8080', '--wait');
  await until('it waits', () => inbox().some(({ kind }) => kind === 'question'));
  process.kill(skein.json<{ pid: number }>('status').pid, 'SIGKILL');
  const [question] = inbox().filter(({ kind }) => kind === 'question');
  expect(question).toMatchObject({ title: 'Which port?', options: ['80', '8080'], yours: true });
  expect(skein.run('inbox')).toContain(`question  api`);
  const id = question?.id.slice(0, 4) ?? '';
  expect(question?.command).toBe(`skein answer ${id} …`);
  expect(failure('answer', id, '443')).toEqual([2, 'bad_request']);
  expect(skein.run('answer', id, '2')).toBe('Answered: 8080\n');
  expect(await asker.ended).toBe(0);
  expect(await asker.stdout).toBe('8080\n');
  expect(failure('answer', question?.id ?? '', '80')).toEqual([1, 'already_answered']);
  expect(inbox().some(({ kind }) => kind === 'question')).toBe(false);
});

test('[N4] a default counts at its time, and who is ended takes the question back', async () => {
  expect(skein.run('ask', 'Deploy?', '--default', 'no', '--after', '1s', '--wait')).toBe('no\n');
  const asker = begin('ask', 'Still there?', '--wait');
  await until('it waits', () => inbox().some(({ title }) => title === 'Still there?'));
  asker.child.kill('SIGINT');
  // By the signal itself, so that the script around it ends too.
  expect([await asker.ended, asker.child.signalCode]).toEqual([null, 'SIGINT']);
  expect(inbox().some(({ title }) => title === 'Still there?')).toBe(false);
  expect(failure('ask', 'Nobody?', '--wait', '--timeout', '1s')).toEqual([1, 'timeout']);
});
