/** Agents of a session that run on another machine, as two real nodes do it (rules X1–X3, A4, A5). */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyOf } from '@skein/protocol/machines/copied';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { steps } from './support/acp-agent.ts';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { until } from './support/processes.ts';
import { Random } from './support/random.ts';
import { TwoMachines } from './support/two-machines.ts';

const machines = new TwoMachines();
const { home, worker, work, doing } = machines;

beforeAll(async () => {
  await machines.meet();
  machines.grant('--dirs', work, '--max', '8');
}, 60_000);

afterAll(() => machines.destroy());

describe('[X1] an agent on another machine', () => {
  test('is prompted, asks, is answered, cancelled, stopped and started again as one of this machine', async () => {
    home.run('spawn', 'fake', '--on', 'box', '--dir', work, '-n', 'api');
    await until('it is ready', () => doing('api') === 'idle');
    expect(home.run('prompt', '-w', 'api', 'hello')).toContain('You said: hello');
    expect(home.run('transcript', 'api')).toContain('You said: hello');
    home.run('stop', 'api');
    await until('it has stopped', () => doing('api') === 'stopped');
    home.run('restart', 'api');
    await until('it is ready again', () => doing('api') === 'idle');
    expect(home.run('prompt', '-w', 'api', 'once more')).toContain('You said: once more');
    home.run('rm', '--force', 'api');
    await until('it is forgotten there', () => worker.json<unknown[]>('ls').length === 0);
  });

  test('that is called off while its machine is waited for is never begun there', async () => {
    home.run('run', '-d', '-n', 'left', '--', 'sleep', '600');
    worker.run('down');
    const spawned = home.later(['spawn', 'fake', '--on', 'box', '--in', 'left']);
    await until('it is to be admitted', () => home.run('ls').includes('being admitted'));
    home.try(['stop', 'left/fake']);
    home.run('rm', 'left/fake');
    expect((await spawned).stderr).toContain('removed');
    worker.run('up');
    await until('that machine is there', () => home.json<{ path: string }[]>('nodes')[0]?.path === 'direct');
    home.run('spawn', 'fake', '--on', 'box', '--in', 'left', '--as', 'next', '--dir', work);
    const names = worker.json<{ name: string }[]>('ls').map(({ name }) => name);
    expect(names).toEqual([expect.stringContaining('next')]);
    home.run('rm', '--force', 'left');
    await until('it is forgotten there', () => worker.json<unknown[]>('ls').length === 0);
  });
});

interface Event {
  type: string;
  at: number;
  offset: number;
  body: Record<string, unknown>;
  source?: { agent: string; epoch: number; offset: number };
}

const events = (of: Skein, ref: string) => of.json<Event[]>('events', ref);
const pidOf = (of: Skein) => of.json<{ pid: number }>('status').pid;

/** A definition of the small agent that asks before it writes, and one that waits to be cancelled. */
const asking = (file: string) =>
  steps({ do: 'write', call: 'c1', path: file, content: 'x', ask: true }, { do: 'say', text: 'after that' });

describe('[A5] what an agent elsewhere asks', () => {
  test('is answered at home, and a turn is cancelled from there', async () => {
    home.run('spawn', 'fake', '--on', 'box', '--dir', work, '-n', 'asks');
    await until('it is ready', () => doing('asks') === 'idle');
    home.run('prompt', 'asks', asking(join(work, 'new.txt')));
    await until('it asks', () => home.json<unknown[]>('approvals').length === 1);
    expect(home.run('ls')).toContain('fake @box waiting');
    // It is home's to answer.
    const [question] = home.json<{ approval: string }[]>('approvals');
    expect(worker.try(['approve', question?.approval ?? '']).stderr).toContain('not_allowed');
    home.run('approve', question?.approval ?? '');
    await until('it goes on', () => home.run('transcript', 'asks').includes('after that'));
    home.run('prompt', 'asks', steps({ do: 'hang' }));
    await until('it works', () => doing('asks') === 'working');
    home.run('cancel', 'asks');
    await until('it was cancelled', () => doing('asks') === 'idle');

    home.run('rm', '--force', 'asks');
  });

  test("is answered by home's policy, by where its paths are on the machine where it works", async () => {
    defineFake(home.home);
    const policy = join(home.home, 'policy.yaml');
    writeFileSync(policy, 'rules:\n  - deny: {path: secrets/}\n  - allow: {kind: edit, path: /**}\n');
    home.run('spawn', 'fake', '--on', 'box', '-n', 'judged');
    await until('it is ready', () => doing('judged') === 'idle');
    const { cwd = '' } = worker.json<{ cwd: string }[]>('agents').find(({ cwd: dir }) => dir !== work) ?? {};
    symlinkSync('secrets', join(cwd, 'link'));
    mkdirSync(join(cwd, 'secrets'));
    for (const file of ['secrets/key', 'link/key', 'new.txt'])
      home.run('prompt', '-w', 'judged', asking(file));
    const answers = events(home, 'judged').filter(({ type }) => type === 'approval.answered');
    expect(answers.map(({ body }) => body.outcome)).toEqual(['denied', 'denied', 'allowed']);
    rmSync(policy);
    home.run('rm', '--force', 'judged');
  });
});

describe('[X3] two homes', () => {
  test('one commands, the other is told so, sees what is done, and takes it back when its user says so', async () => {
    home.run('spawn', 'fake', '--on', 'box', '--scratch', '-n', 'ours');
    home.run('prompt', '-w', 'ours', 'by the first');
    home.run('down');
    const other = new Skein();
    execFileSync('cp', ['-a', `${home.home}/.`, other.home]);
    try {
      expect(other.run('prompt', '-w', 'ours', 'by the other')).toContain('You said: by the other');
      other.run('down');
      await until('the first is told', () => home.run('ls').includes('not commanded from here'));
      for (const words of [
        ['prompt', 'ours', 'x'],
        ['stop', 'ours'],
      ])
        expect(home.try(words).stderr).toContain('skein restart ours');
      await until('it sees what was done', () => home.run('transcript', 'ours').includes('by the other'));
      home.run('restart', 'ours');
      expect(home.run('prompt', '-w', 'ours', 'by the first again')).toContain('by the first again');
      home.run('down');
      await until('the other is told', () => other.run('ls').includes('not commanded from here'));
      other.run('down', '--kill');
    } finally {
      rmSync(other.home, { recursive: true, force: true });
    }
    home.run('rm', '--force', 'ours');
  }, 60_000);
});

describe('[X2] a home, a worker and a link that fail', () => {
  /** Milliseconds from one fault to the next at most. */
  const BETWEEN_MS = 700;
  const FAULTS = ['home', 'worker', 'link'] as const;

  test('leave every event of the worker’s at home once, in order, and every prompt answered once', async () => {
    const random = new Random(20_261);
    home.run('spawn', 'fake', '--on', 'box', '--scratch', '-n', 'hurt');
    const hosted = worker
      .json<{ id: string; name: string }[]>('ls')
      .find(({ name }) => name.includes('hurt'));
    const prompts = Array.from({ length: 9 }, (_, i) => `part ${i};`);
    const felt: string[] = [];
    for (const [i, text] of prompts.entries()) {
      home.run('prompt', 'hurt', i % 3 === 0 ? steps({ do: 'long', pieces: 50 }, { do: 'say', text }) : text);
      const fault = FAULTS[i % FAULTS.length] as (typeof FAULTS)[number];
      await new Promise((resolve) => setTimeout(resolve, random.int(0, BETWEEN_MS)));
      felt.push(fault);
      if (fault === 'link') {
        home.run('node', 'block', 'box');
        home.run('node', 'unblock', 'box');
      } else process.kill(pidOf(fault === 'home' ? home : worker), 'SIGKILL');
      // The next command of either starts its node again.
      worker.run('ls');
    }
    await until('all is answered', () => {
      const [one] = home.json<{ queue: number; turns: number; doing: string }[]>('agents', 'hurt');
      return one?.turns === prompts.length && one.queue === 0 && one.doing === 'idle';
    });
    const there = events(worker, hosted?.id ?? '');
    const agent = String(there.find(({ type }) => type === 'agent.added')?.body.agent);
    const wanted = there.flatMap((event) => {
      const copy = copyOf(agent, event);
      return copy === undefined ? [] : [{ ...copy, at: event.at, offset: event.offset }];
    });
    const here = events(home, 'hurt').filter(({ source }) => source !== undefined);
    const got = here.map(({ type, body, at, source }) => ({ type, body, at, offset: source?.offset }));
    // That its first run was to start home knew.
    expect(got).toEqual(wanted.filter(({ type }, i) => !(i === 0 && type === 'agent.starting')));
    const said = home.run('transcript', 'hurt');
    for (const text of prompts) expect(said.split(text).length, `${text} after ${felt}`).toBe(3);
  }, 120_000);
});
