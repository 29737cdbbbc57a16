/** Tasks where agents on other machines are away, or commanded by nobody here (rules N3, X3). */
import { LOCAL_OWNER } from '@skein/protocol/members/who';
import { expect, test } from 'vitest';
import { START_AGENT } from '../agents/effects-wanted.ts';
import { AGENT, far, type Log, ready } from '../machines/home/far.fixture.ts';
import { listedTask } from './listed.ts';

const [TASK, OTHER, NEAR, NEAR_RUN] = ['taskaaaaaaaa', 'otheraaaaaaa', 'nearaaaaaaaa', 'nearrunaaaaa'];

/** An agent of this machine, that is idle. */
function near(log: Log): void {
  log.do('agent.add', { agent: NEAR, run: NEAR_RUN, definition: 'fake' }, LOCAL_OWNER, {});
  const value = { host: 'h', pid: 1, start: '1', driver: 'acp', argv: [], stuckAfter: 0 };
  const restart = { when: 'never', most: 0, delay: 0 };
  const done = { status: 'done', value: { ...value, restart } };
  log.do('effect.outcome', { id: NEAR_RUN, kind: START_AGENT, ...done });
  const events = [{ type: 'agent.ready', body: { run: NEAR_RUN } }];
  log.do('agent.stepped', { run: NEAR_RUN, events, cells: [] });
}

function add(log: Log, more: object = {}): void {
  const body = { task: TASK, text: 'do it', needs: [], anyway: false, retries: 0, ...more };
  log.do('task.add', body, LOCAL_OWNER);
}

const lose = (log: Log) =>
  log.do('far.lost', { agent: AGENT, was: far(log).epoch, epoch: far(log).epoch, why: 'its grant is gone.' });
const away = (log: Log) => log.do('far.link', { agent: AGENT, link: 'down' });
const task = (log: Log) => log.state.tasks[TASK];

test('[N3] a task goes to an agent that can be reached, rather than to one that is away', () => {
  const [log] = ready();
  near(log);
  away(log);
  add(log);
  expect(task(log)?.given?.agent).toBe(NEAR);
});

test('[N3] one that is for an agent that is away waits there, as any prompt', () => {
  const [log] = ready();
  away(log);
  add(log);
  expect(task(log)).toMatchObject({ life: 'running', given: { agent: AGENT } });
});

test('[N3] [X3] an agent that is not commanded from here is given no task', () => {
  const [log] = ready();
  lose(log);
  add(log, { to: AGENT });
  expect(task(log)?.life).toBe('open');
  expect(listedTask(log.state, task(log) as never).held).toBe('fake is not commanded from here any more');
  near(log);
  log.do('task.cancel', { task: TASK }, LOCAL_OWNER);
  log.do('task.add', { task: OTHER, text: 'do it', needs: [], anyway: false, retries: 0 }, LOCAL_OWNER);
  expect(log.state.tasks[OTHER]?.given?.agent).toBe(NEAR);
});

test('[N3] [X3] what it had not been handed when that began is given to another, or has failed', () => {
  for (const retries of [0, 1]) {
    const [log] = ready();
    away(log);
    add(log, { retries });
    near(log);
    lose(log);
    expect(task(log)).toMatchObject(
      retries === 0
        ? { life: 'failed', why: 'fake is not commanded from here any more: its grant is gone.' }
        : { life: 'running', given: { agent: NEAR } },
    );
    expect(log.state.agents[AGENT]?.queue).toEqual([]);
  }
});

test('[N3] what it had been handed may be begun there, and is waited for', () => {
  const [log, there] = ready();
  add(log);
  there.record([{ type: 'home.heard', body: { n: far(log).n } }]);
  log.do('far.copy', {
    ...{ agent: AGENT, epoch: 77, from: far(log).cursor?.offset, answers: [] },
    events: there.events.slice(far(log).cursor?.offset),
  });
  expect(far(log).unheard).toEqual([]);
  lose(log);
  expect(task(log)).toMatchObject({ life: 'running', given: { agent: AGENT } });
});

test('[N3] a task whose check is run here says that it waits for an agent of this machine', () => {
  const [log] = ready();
  add(log, { check: 'true' });
  expect(listedTask(log.state, task(log) as never).held).toBe(
    'its check is run on this machine, and no agent is idle here',
  );
});
