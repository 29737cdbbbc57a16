/** With which session an agent is started again, and when (rule A6): the pure decisions on a session's state. */
import type { AgentEvent } from '@skein/protocol/agents/events';
import type { AgentState } from '@skein/protocol/agents/state';
import { beforeEach, expect, test } from 'vitest';
import { LOCAL, World } from '../members/world.fixture.ts';
import { agentCommand } from './decide.ts';
import { specOf } from './start-spec.ts';

const AGENT = 'agentaaaaaaa';
const RUN = 'runaaaaaaaaa';
const STARTED = { host: 'h', pid: 7, start: '1', driver: 'acp', argv: ['x'], stuckAfter: 0 };
const RESTART = { when: 'on-failure' as const, most: 2, delay: 1_000 };

let world: World;
beforeEach(() => {
  world = new World();
});

const agent = (): AgentState => world.session.agents[AGENT] as AgentState;
const add = () => world.give(LOCAL, 'agent.add', { agent: AGENT, run: RUN, definition: 'claude' });
const outcome = (run: string, value: object) =>
  world.tell('effect.outcome', { id: run, kind: 'start-agent', status: 'done', value });
const stepped = (events: AgentEvent[], run = RUN) => world.tell('agent.stepped', { run, events, cells: [] });

test('[A6] one whose session is too young to be gone on with rests until it is old enough, or begins anew if asked', () => {
  const young = { ...RESTART, resumeAfter: 60_000 };
  add();
  outcome(RUN, { ...STARTED, restart: young });
  stepped([{ type: 'agent.session', body: { run: RUN, session: 's1', resumes: true } }]);
  const began = world.now;
  const ends = (run: string) =>
    stepped([{ type: 'agent.exited', body: { run, code: 1, signal: null, stderr: '' } }], run);
  world.give(LOCAL, 'agent.restart', { agent: AGENT, run: 'run2aaaaaaaa' });
  ends(RUN);
  expect(agent()).toMatchObject({ life: 'resting', stopping: false, until: began + 60_000, attempt: 0 });
  // Asked for again while it rests: it goes on resting, for the later wish.
  world.give(LOCAL, 'agent.restart', { agent: AGENT, run: 'run3aaaaaaaa' });
  expect(agent()).toMatchObject({ life: 'resting', until: began + 60_000 });
  world.now = began + 60_000;
  world.tell('agent.again', { agent: AGENT, run: 'otheraaaaaaa' });
  expect(agent()).toMatchObject({
    life: 'starting',
    next: null,
    run: { run: 'run3aaaaaaaa', resume: 's1' },
  });
  outcome('run3aaaaaaaa', { ...STARTED, restart: young });
  stepped(
    [{ type: 'agent.session', body: { run: 'run3aaaaaaaa', session: 's1', resumes: true } }],
    'run3aaaaaaaa',
  );
  // It is no younger for having been gone on with.
  ends('run3aaaaaaaa');
  expect(agent()).toMatchObject({ life: 'resting', until: world.now + 1_000 });
  world.give(LOCAL, 'agent.restart', { agent: AGENT, run: 'run4aaaaaaaa', fresh: true });
  expect(agent().run).toMatchObject({ run: 'run4aaaaaaaa', resume: null });
  outcome('run4aaaaaaaa', { ...STARTED, restart: young });
  stepped(
    [{ type: 'agent.session', body: { run: 'run4aaaaaaaa', session: 's2', resumes: true } }],
    'run4aaaaaaaa',
  );
  ends('run4aaaaaaaa');
  expect(agent()).toMatchObject({ life: 'resting', until: world.now + 60_000, attempt: 1 });
  world.give(LOCAL, 'agent.restart', { agent: AGENT, run: 'run5aaaaaaaa' });
  world.give(LOCAL, 'agent.stop', { agent: AGENT });
  expect(agent()).toMatchObject({ life: 'stopped', next: null, until: null });
});

test('[A6] one whose definition says so never goes on with its own session', () => {
  add();
  outcome(RUN, { ...STARTED, restart: { ...RESTART, resume: false } });
  stepped([
    { type: 'agent.session', body: { run: RUN, session: 's1', resumes: true } },
    { type: 'agent.exited', body: { run: RUN, code: 1, signal: null, stderr: '' } },
  ]);
  world.now += 1_000;
  world.tell('agent.again', { agent: AGENT, run: 'run2aaaaaaaa' });
  expect(agent().run).toMatchObject({ run: 'run2aaaaaaaa', resume: null });
});

test('[A6] one that goes on with its session is told what that has cost already, and one that begins anew is not', () => {
  const spec = () => specOf(agent(), '/h', '1');
  const cost = (run: string, amount: number) => {
    const of = { run, turn: null };
    stepped(
      [{ type: 'usage.set', body: { ...of, context: { used: 1, size: 2 }, sessionCost: amount } }],
      run,
    );
  };
  add();
  outcome(RUN, { ...STARTED, restart: RESTART });
  stepped([{ type: 'agent.session', body: { run: RUN, session: 's1', resumes: true } }]);
  cost(RUN, 1.5);
  cost(RUN, 2);
  stepped([{ type: 'agent.exited', body: { run: RUN, code: 0, signal: null, stderr: '' } }]);
  world.give(LOCAL, 'agent.restart', { agent: AGENT, run: 'run2aaaaaaaa' });
  expect(spec().resume).toMatchObject({ session: 's1', cost: 2 });
  outcome('run2aaaaaaaa', { ...STARTED, restart: RESTART });
  stepped(
    [
      { type: 'agent.session', body: { run: 'run2aaaaaaaa', session: 's2', resumes: true } },
      { type: 'agent.exited', body: { run: 'run2aaaaaaaa', code: 0, signal: null, stderr: '' } },
    ],
    'run2aaaaaaaa',
  );
  world.give(LOCAL, 'agent.restart', { agent: AGENT, run: 'run3aaaaaaaa' });
  expect(spec().resume).toEqual({ session: 's2', history: 'known' });
});

test('[A6] a rest is as long as it was told to be, whoever says that it is over, and however long that is', () => {
  const month = { ...RESTART, delay: 31 * 86_400_000 };
  add();
  outcome(RUN, { ...STARTED, restart: month });
  stepped([{ type: 'agent.exited', body: { run: RUN, code: 1, signal: null, stderr: '' } }]);
  const until = world.now + month.delay;
  expect(agent()).toMatchObject({ life: 'resting', until });
  const over = () => {
    const ctx = { now: world.now, by: { kind: 'node' }, target: '', id: '', offset: 0 };
    return agentCommand(world.session, 'agent.again', { agent: AGENT, run: 'run2aaaaaaaa' }, ctx);
  };
  world.now = until - 1;
  expect(over()).toEqual({ reply: { left: 1 } });
  world.now = until;
  expect(over()?.events).toMatchObject([{ type: 'agent.starting', body: { run: 'run2aaaaaaaa' } }]);
});

test('[A6] a rest that has lasted long enough is over though the clock was set back meanwhile, and no other one is', () => {
  add();
  outcome(RUN, { ...STARTED, restart: RESTART });
  stepped([{ type: 'agent.exited', body: { run: RUN, code: 1, signal: null, stderr: '' } }]);
  const { until } = agent();
  world.now -= 3_600_000;
  world.tell('agent.again', { agent: AGENT, run: 'run2aaaaaaaa', until: (until ?? 0) - 1 });
  expect(agent()).toMatchObject({ life: 'resting', until });
  world.tell('agent.again', { agent: AGENT, run: 'run2aaaaaaaa', until });
  expect(agent()).toMatchObject({ life: 'starting', run: { run: 'run2aaaaaaaa' } });
});
