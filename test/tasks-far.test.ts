import type { InboxItem, ListedTask } from '@skein/protocol/tasks/asks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { steps } from './support/acp-agent.ts';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { until } from './support/processes.ts';
import { TwoMachines } from './support/two-machines.ts';

const machines = new TwoMachines();
const { home, worker, work } = machines;
let ann: Skein;
let bob: Skein;

beforeAll(async () => {
  [ann, bob] = [new Skein(), new Skein()];
  await machines.meet();
  for (const one of [ann, bob]) one.run('mesh', '--on');
  defineFake(home.home);
  machines.grant('--dirs', work, '--max', '2');
  home.run('run', '-d', '--name', 'api', '-C', work, 'fake');
  for (const [who, name] of [
    [ann, 'ann'],
    [bob, 'bob'],
  ] as const) {
    const { ticket } = home.json<{ ticket: string }>('share', 'api', '--role', 'approver');
    expect(who.try(['join', '-', '--json', '--name', name], { input: ticket }).status).toBe(0);
  }
}, 60_000);
afterAll(() => {
  for (const one of [ann, bob]) one?.destroy();
  machines.destroy();
});

const tasks = () => home.json<{ tasks: ListedTask[] }>('task', 'ls').tasks;
const add = (...args: string[]) => home.json<{ n: number }>('task', 'add', ...args).n;
const one = (n: number) => tasks().find((task) => task.n === n);

test('[N3] [X1] a task is done on the machine that it names, by an agent that is started there, and the next by the same', async () => {
  const there = add('--agent', 'fake', '--on', 'box', 'far away');
  await until('it is done there', () => one(there)?.state === 'done', 30_000);
  expect(home.run('task', 'show', String(there))).toContain('You said: far away');
  expect(worker.json<unknown[]>('ls')).toHaveLength(1);
  const cut = add('--agent', 'fake', '--on', 'box', steps({ do: 'hang' }));
  await until('it is at it', () => home.json<{ doing: string }[]>('agents', 'api')[1]?.doing === 'working');
  const next = add('--agent', 'fake', '--on', 'box', 'and again', '--retries', '1');
  // The slots would let it be given to another; the worker has room for two.
  await until('a second has done it', () => one(next)?.state === 'done', 30_000);
  process.kill(worker.json<{ pid: number }>('status').pid, 'SIGKILL');
  worker.run('up');
  home.run('task', 'cancel', String(cut));
  await until(
    'its turn was ended',
    () => home.json<{ doing: string }[]>('agents', 'api')[1]?.doing === 'idle',
    30_000,
  );
  expect(one(cut)?.state).toBe('cancelled');
});

test('[N3] what the grant does not allow is why a task fails', async () => {
  defineFake(worker.home, 'other');
  defineFake(home.home, 'other');
  const not = add('--agent', 'other', '--on', 'box', 'not there');
  await until('it has failed', () => one(not)?.state === 'failed', 30_000);
  expect(one(not)?.why).toMatch(/lets your node run fake/);
});

const inbox = (of: Skein) =>
  of.json<{ items: (InboxItem & { node: string | null; command: string })[]; away: { node: string }[] }>(
    'inbox',
  );
const questions = (of: Skein) => inbox(of).items.filter(({ kind }) => kind === 'question');

test('[N4] three people on three machines see one question; the first answer counts, and a node that is away is named', async () => {
  const asked = home.json<{ question: string }>('ask', 'Which port?', '--options', '80,8080');
  for (const who of [home, ann, bob])
    expect(questions(who)).toMatchObject([{ title: 'Which port?', yours: true }]);
  const [seen] = questions(ann);
  expect(seen?.command).toMatch(/^skein answer [^:]+:[a-z2-7]{4} …$/);
  const node = seen?.node ?? '';
  const answers = await Promise.all([
    ann.later(['answer', `${node}:${asked.question.slice(0, 5)}`, '80']),
    bob.later(['answer', asked.question, '8080', '--json']),
    home.later(['answer', asked.question, '80', '--json']),
  ]);
  expect(answers.filter(({ status }) => status === 0)).toHaveLength(1);
  expect(
    answers
      .map(({ stderr }) => stderr)
      .join('')
      .match(/already_answered|answered before/g),
  ).not.toBeNull();
  for (const who of [home, ann, bob]) expect(questions(who)).toEqual([]);
  home.run('down');
  expect(inbox(ann).away).toMatchObject([{ node }]);
  expect(ann.run('inbox')).toContain(`${node} is not in this list`);
});
