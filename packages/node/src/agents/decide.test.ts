/** What a session decides about its agents (rules A3–A6, K3), without a kernel: the pure decisions on their state. */
import type { AgentEvent } from '@skein/protocol/agents/events';
import { MAX_PROMPT, MAX_QUEUE } from '@skein/protocol/agents/limits';
import { type AgentState, doing } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import { sessionsIn } from '@skein/protocol/sessions/node-state';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { byDevice, device, LOCAL, ticketId, World } from '../members/world.fixture.ts';

const AGENT = 'agentaaaaaaa';
const RUN = 'runaaaaaaaaa';
const STARTED = { host: 'h', pid: 7, start: '1', driver: 'acp', argv: ['x'], stuckAfter: 0 };
const RESTART = { when: 'on-failure' as const, most: 2, delay: 1_000 };
const text = (s: string) => [{ type: 'text', text: s }];

let world: World;
beforeEach(() => {
  world = new World();
});

const agent = (id = AGENT): AgentState => world.session.agents[id] as AgentState;
const add = (more: object = {}) =>
  world.give(LOCAL, 'agent.add', { agent: AGENT, run: RUN, definition: 'claude', ...more });
const outcome = (run: string, value: object) =>
  world.tell('effect.outcome', { id: run, kind: 'start-agent', status: 'done', value });
const stepped = (events: AgentEvent[], run = RUN, more: object = {}) =>
  world.tell('agent.stepped', { run, events, cells: [], ...more });

function started(): void {
  add();
  outcome(RUN, { ...STARTED, restart: RESTART });
  stepped([
    { type: 'agent.session', body: { run: RUN, session: 's1', resumes: true } },
    { type: 'agent.ready', body: { run: RUN } },
  ]);
}

const OPTIONS = [
  { id: 'y', kind: 'allow_once', label: 'Yes' },
  { id: 'Y', kind: 'allow_always', label: 'Always' },
  { id: 'n', kind: 'deny_once', label: 'No' },
] as const;

function asked(approval = 'ap1', kind: 'edit' | 'execute' = 'edit', more: { same?: string } = {}): void {
  const about = {
    run: RUN,
    turn: 't1',
    call: 'c1',
    name: 'Write',
    kind,
    title: 'write a.txt',
    paths: ['a.txt'],
    ...more,
  };
  stepped([{ type: 'approval.asked', body: { ...about, approval, options: [...OPTIONS] } }]);
}

function refusal(what: () => unknown): SkeinError {
  try {
    what();
  } catch (thrown) {
    return SkeinError.from(thrown);
  }
  throw new Error('It was not refused.');
}

describe('the life of an agent', () => {
  test('[K3] [A3] it is added by a definition, started once, ready when it says so; the index knows it', () => {
    add();
    expect(agent()).toMatchObject({ name: 'claude', life: 'starting', cwd: '/' });
    expect(world.effects.at(-1)).toMatchObject({ kind: 'start-agent', id: RUN });
    outcome(RUN, { ...STARTED, restart: RESTART });
    expect(agent().run).toMatchObject({ host: 'h', pid: 7, ready: false });
    stepped([{ type: 'agent.ready', body: { run: RUN } }]);
    expect(doing(agent(), world.session)).toBe('idle');
    expect(sessionsIn(world.node)[0]?.agents).toEqual([
      { agent: AGENT, name: 'claude', definition: 'claude', life: 'running', run: RUN },
    ]);
  });

  test('[K5] a second one gets a name of its own; a name that is asked for must be free', () => {
    add();
    const other = { agent: 'agentbbbbbbb', run: 'runbbbbbbbbb' };
    expect(world.give(LOCAL, 'agent.add', { ...other, definition: 'claude' })).toMatchObject({
      name: 'claude-2',
    });
    const third = { agent: 'agentccccccc', run: 'runccccccccc', definition: 'codex', name: 'claude' };
    expect(refusal(() => world.give(LOCAL, 'agent.add', third)).code).toBe('name_taken');
  });

  test('[A6] one that dies rests, twice as long each time, goes on with its own session, and is given up in the end', () => {
    started();
    const dies = (run: string) =>
      stepped([{ type: 'agent.exited', body: { run, code: 1, signal: null, stderr: 'oh' } }], run);
    const rise = (run: string) => {
      world.now = agent().until ?? world.now;
      world.tell('agent.again', { agent: AGENT, run });
      outcome(run, { ...STARTED, restart: RESTART });
    };
    dies(RUN);
    expect(agent()).toMatchObject({ life: 'resting', until: world.now + 1_000, attempt: 1 });
    rise('run2aaaaaaaa');
    expect(agent().run).toMatchObject({ run: 'run2aaaaaaaa', resume: 's1', known: true });
    dies('run2aaaaaaaa');
    expect(agent()).toMatchObject({ life: 'resting', until: world.now + 2_000, attempt: 2 });
    rise('run3aaaaaaaa');
    dies('run3aaaaaaaa');
    expect(agent()).toMatchObject({ life: 'failed' });
    expect(agent().why).toContain('3 times in a row');
  });

  test('[A6] a turn that was finished makes the count begin anew; an end without failure is no failure', () => {
    started();
    stepped([{ type: 'agent.exited', body: { run: RUN, code: 1, signal: null, stderr: '' } }]);
    world.now += 1_000;
    world.tell('agent.again', { agent: AGENT, run: 'run2aaaaaaaa' });
    outcome('run2aaaaaaaa', { ...STARTED, restart: RESTART });
    const run = 'run2aaaaaaaa';
    stepped(
      [
        { type: 'turn.started', body: { run, turn: 't', prompt: null } },
        { type: 'turn.ended', body: { run, turn: 't', reason: 'done' } },
      ],
      run,
    );
    expect(agent().attempt).toBe(0);
    stepped([{ type: 'agent.exited', body: { run, code: 0, signal: null, stderr: '' } }], run);
    expect(agent().life).toBe('exited');
  });

  test('[A6] one that could not be driven has failed, however its process ended', () => {
    started();
    stepped([{ type: 'agent.exited', body: { run: RUN, code: 0, signal: null, stderr: '' } }], RUN, {
      deaf: true,
    });
    expect(agent()).toMatchObject({ life: 'resting', attempt: 1 });
  });

  test('[A6] one that is stopped is not started again; a restart begins when it has ended, fresh if asked', () => {
    started();
    world.give(LOCAL, 'agent.stop', { agent: AGENT });
    expect(world.effects.at(-1)).toMatchObject({ kind: 'stop-agent' });
    stepped([{ type: 'agent.exited', body: { run: RUN, code: 1, signal: null, stderr: '' } }]);
    expect(agent().life).toBe('stopped');
    world.give(LOCAL, 'agent.restart', { agent: AGENT, run: 'run2aaaaaaaa' });
    expect(agent().run).toMatchObject({ run: 'run2aaaaaaaa', resume: 's1' });
    outcome('run2aaaaaaaa', { ...STARTED, restart: RESTART });
    world.give(LOCAL, 'agent.restart', { agent: AGENT, run: 'run3aaaaaaaa', fresh: true });
    expect(agent().life).toBe('running');
    const exited = { run: 'run2aaaaaaaa', code: null, signal: 15, stderr: '' };
    stepped([{ type: 'agent.exited', body: exited }], 'run2aaaaaaaa');
    expect(agent()).toMatchObject({ life: 'starting', run: { run: 'run3aaaaaaaa', resume: null } });
  });

  test('[H4] what comes of a run that is not the present one is refused, and changes nothing', () => {
    started();
    const before = world.session;
    expect(refusal(() => stepped([], 'other')).code).toBe('gone');
    world.tell('agent.vanished', { run: 'other', events: [], cells: [], why: '' });
    expect(world.session).toEqual(before);
  });

  test('[A6] a host that ends takes the run with it, what it asked is orphaned, and it rests', () => {
    started();
    asked();
    world.tell('agent.vanished', { run: RUN, events: [], cells: [], why: 'its host ended' });
    expect(agent()).toMatchObject({ life: 'resting', why: 'its host ended' });
    expect(world.session.approvals).toEqual({});
    expect(world.session.settled.at(-1)).toMatchObject({ approval: 'ap1', how: 'orphaned' });
  });
});

const KILLED = { type: 'agent.exited', body: { run: RUN, code: null, signal: 9, stderr: '' } };
test.each([[[]], [[KILLED]]])(
  '[A6] what is ended with everything else is not started again, whatever its policy',
  (events) => {
    started();
    world.tell('agent.halt', {});
    world.tell('agent.vanished', { run: RUN, events, cells: [], why: 'its host ended' });
    expect(agent().life).toBe('stopped');
    world.give(LOCAL, 'agent.restart', { agent: AGENT, run: 'run2aaaaaaaa' });
    expect(agent()).toMatchObject({ life: 'starting', run: { resume: 's1' } });
  },
);

describe('prompts', () => {
  test('[A4] they queue, can be edited and cancelled until they start, and then no more', () => {
    started();
    for (const prompt of ['paaaaaaaaaaa', 'pbbbbbbbbbbb'])
      world.give(LOCAL, 'prompt.queue', { agent: AGENT, prompt, parts: text(`do ${prompt}`) });
    expect(agent().queue.map((one) => one.preview)).toEqual(['do paaaaaaaaaaa', 'do pbbbbbbbbbbb']);
    world.give(LOCAL, 'prompt.edit', { agent: AGENT, prompt: 'pbbbbbbbbbbb', parts: text('else') });
    expect(agent().queue[1]).toMatchObject({ preview: 'else', offset: world.offset });
    const first = agent().queue[0] as { prompt: string; offset: number };
    const begin: AgentEvent = { type: 'turn.started', body: { run: RUN, turn: 't1', prompt: first.prompt } };
    stepped([begin], RUN, { prompt: { prompt: first.prompt, offset: first.offset } });
    expect(agent().queue).toHaveLength(1);
    expect(agent().turn).toMatchObject({ turn: 't1', prompt: 'paaaaaaaaaaa', by: LOCAL });
    const late = { agent: AGENT, prompt: 'paaaaaaaaaaa' };
    expect(refusal(() => world.give(LOCAL, 'prompt.cancel', late)).code).toBe('gone');
    world.give(LOCAL, 'prompt.cancel', { agent: AGENT, prompt: 'pbbbbbbbbbbb' });
    expect(agent().queue).toEqual([]);
  });

  test('[A4] the id of one is taken from then on, whatever has become of it', () => {
    started();
    const queue = (prompt: string) =>
      world.give(LOCAL, 'prompt.queue', { agent: AGENT, prompt, parts: text('one') });
    const [begun, cancelled] = ['paaaaaaaaaaa', 'pbbbbbbbbbbb'];
    const taken = (prompt: string) => expect(refusal(() => queue(prompt)).code).toBe('name_taken');
    queue(begun);
    queue(cancelled);
    taken(begun);
    const { offset } = agent().queue[0] as { offset: number };
    stepped([{ type: 'turn.started', body: { run: RUN, turn: 't1', prompt: begun } }], RUN, {
      prompt: { prompt: begun, offset },
    });
    taken(begun);
    stepped([{ type: 'turn.ended', body: { run: RUN, turn: 't1', reason: 'done' } }]);
    taken(begun);
    world.give(LOCAL, 'prompt.cancel', { agent: AGENT, prompt: cancelled });
    taken(cancelled);
    expect(agent().queue).toEqual([]);
  });

  test('[A4] one that was edited is whoever changed it last, and tells who wrote it before', () => {
    started();
    world.make(LOCAL, ticketId(1), 'operator');
    world.redeem(1, ticketId(1));
    const alice = { kind: 'member', device: device(1) };
    const edit = (by: unknown) =>
      world.give(by, 'prompt.edit', { agent: AGENT, prompt: 'paaaaaaaaaaa', parts: text('else') });
    world.give(LOCAL, 'prompt.queue', { agent: AGENT, prompt: 'paaaaaaaaaaa', parts: text('one') });
    edit(LOCAL);
    expect(agent().queue[0]).not.toHaveProperty('also');
    edit(byDevice(1));
    expect(agent().queue[0]).toMatchObject({ by: alice, also: [LOCAL] });
    for (const by of [byDevice(1), LOCAL, LOCAL]) edit(by);
    expect(agent().queue[0]).toMatchObject({ by: LOCAL, also: [alice] });
    const { offset } = agent().queue[0] as { offset: number };
    const begin: AgentEvent = {
      type: 'turn.started',
      body: { run: RUN, turn: 't1', prompt: 'paaaaaaaaaaa' },
    };
    stepped([begin], RUN, { prompt: { prompt: 'paaaaaaaaaaa', offset } });
    expect(agent().turn).toMatchObject({ by: LOCAL, also: [alice] });
  });

  test('[A4] [K4] one that was edited while a driver was given it is not begun: the step is refused', () => {
    started();
    world.give(LOCAL, 'prompt.queue', { agent: AGENT, prompt: 'paaaaaaaaaaa', parts: text('one') });
    const { offset } = agent().queue[0] as { offset: number };
    world.give(LOCAL, 'prompt.edit', { agent: AGENT, prompt: 'paaaaaaaaaaa', parts: text('two') });
    const begin: AgentEvent = {
      type: 'turn.started',
      body: { run: RUN, turn: 't1', prompt: 'paaaaaaaaaaa' },
    };
    const given = { prompt: { prompt: 'paaaaaaaaaaa', offset } };
    expect(refusal(() => stepped([begin], RUN, given)).code).toBe('gone');
    expect(agent().turn).toBeNull();
  });

  test('[A4] a turn is cancelled once, and only the one that is meant', () => {
    started();
    expect(refusal(() => world.give(LOCAL, 'turn.cancel', { agent: AGENT })).code).toBe('no_turn');
    stepped([{ type: 'turn.started', body: { run: RUN, turn: 't1', prompt: null } }]);
    expect(refusal(() => world.give(LOCAL, 'turn.cancel', { agent: AGENT, turn: 't0' })).code).toBe('gone');
    world.give(LOCAL, 'turn.cancel', { agent: AGENT, turn: 't1' });
    const { offset } = world;
    world.give(LOCAL, 'turn.cancel', { agent: AGENT });
    expect(world.offset).toBe(offset);
    expect(agent().turn?.cancelling).toBe(true);
  });

  test('[C5] no more and no larger ones than the limits say; what was handed over before must still be there', () => {
    started();
    const queue = (prompt: string, parts: unknown, facts?: unknown) =>
      world.give(LOCAL, 'prompt.queue', { agent: AGENT, prompt, parts }, facts);
    const gone = refusal(() => queue('paaaaaaaaaaa', [{ type: 'text', upload: 'x' }]));
    expect(gone.code).toBe('upload_gone');
    const uploads = { x: 'é'.repeat(MAX_PROMPT / 2) };
    queue('paaaaaaaaaaa', [{ type: 'text', upload: 'x' }], { uploads });
    const large = [{ type: 'text', upload: 'x' }, ...text('x')];
    expect(refusal(() => queue('pbbbbbbbbbbb', large, { uploads })).code).toBe('too_large');
    for (let n = 1; n < MAX_QUEUE; n++) queue(`p${ticketId(n).slice(1)}`, text('x'));
    expect(refusal(() => queue('pzzzzzzzzzzz', text('x'))).code).toBe('mailbox_full');
  });
});

describe('approvals', () => {
  test('[A5] the first valid answer wins, and the others are told who gave it', () => {
    started();
    world.make(LOCAL, ticketId(1), 'approver');
    world.make(LOCAL, ticketId(2), 'approver');
    world.redeem(1, ticketId(1));
    world.redeem(2, ticketId(2));
    asked();
    const answer = (by: unknown, how: string) =>
      world.give(by, 'approval.answer', { approval: 'ap1', answer: how });
    expect(answer(byDevice(1), 'deny')).toEqual({ approval: 'ap1', outcome: 'denied' });
    for (const by of [byDevice(2), LOCAL]) {
      const late = refusal(() => answer(by, 'allow'));
      expect(late.code).toBe('already_answered');
      expect(late.message).toContain('alice');
      expect(late.data).toMatchObject({ outcome: 'denied', by: { kind: 'member', name: 'alice' } });
    }
    expect(world.session.approvals.ap1?.answered).toMatchObject({ option: 'n', outcome: 'denied' });
    stepped([
      { type: 'approval.resolved', body: { run: RUN, approval: 'ap1', outcome: 'denied', option: 'n' } },
    ]);
    expect(refusal(() => answer(LOCAL, 'allow')).code).toBe('already_answered');
  });

  test('[M2] [A5] a viewer is refused, and it stays asked', () => {
    started();
    world.make(LOCAL, ticketId(1), 'viewer');
    world.redeem(1, ticketId(1));
    asked();
    const refused = refusal(() =>
      world.give(byDevice(1), 'approval.answer', { approval: 'ap1', answer: 'allow' }),
    );
    expect(refused.code).toBe('not_allowed');
    expect(world.session.approvals.ap1?.answered).toBeNull();
  });

  test('[A5] what was not offered is refused; what was withdrawn or orphaned says so', () => {
    started();
    asked();
    const give = (answer: unknown) => world.give(LOCAL, 'approval.answer', { approval: 'ap1', answer });
    expect(refusal(() => give({ option: 'maybe' })).code).toBe('bad_request');
    stepped([{ type: 'approval.resolved', body: { run: RUN, approval: 'ap1', outcome: 'withdrawn' } }]);
    expect(refusal(() => give('allow')).code).toBe('gone');
    const never = { approval: 'never', answer: 'allow' };
    expect(refusal(() => world.give(LOCAL, 'approval.answer', never)).code).toBe('not_found');
  });

  test('[A5] an answer for always is a rule: for a tool, or where it matters what is done, for exactly that', () => {
    started();
    asked('ap1', 'edit');
    world.give(LOCAL, 'approval.answer', { approval: 'ap1', answer: 'allow', always: true });
    asked('ap2', 'execute', { same: 'digest' });
    world.give(LOCAL, 'approval.answer', { approval: 'ap2', answer: 'deny', always: true });
    expect(world.session.rules).toMatchObject([
      { answer: 'allow', tool: 'Write', kind: 'edit', title: null },
      { answer: 'deny', tool: 'Write', kind: 'execute', title: 'write a.txt', same: 'digest' },
    ]);
    const [rule] = world.session.rules;
    world.give(LOCAL, 'rule.remove', { rule: rule?.rule });
    expect(world.session.rules).toHaveLength(1);
  });

  test('[A5] what is not told whole can be answered for now alone', () => {
    started();
    asked('ap1', 'execute');
    const give = (always: boolean) =>
      world.give(LOCAL, 'approval.answer', { approval: 'ap1', answer: 'allow', always });
    expect(refusal(() => give(true)).code).toBe('bad_request');
    expect(world.session.approvals.ap1?.answered).toBeNull();
    give(false);
    expect(world.session.rules).toEqual([]);
  });

  test('[A5] whoever answers in whatever order, one answer counts, and no answer is no yes', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ by: fc.nat(3), yes: fc.boolean() }), { maxLength: 8 }), (answers) => {
        world = new World();
        started();
        for (const n of [1, 2, 3]) {
          world.make(LOCAL, ticketId(n), 'approver');
          world.redeem(n, ticketId(n));
        }
        asked();
        const results = answers.map(({ by, yes }) => {
          try {
            const giver = by === 0 ? LOCAL : byDevice(by);
            world.give(giver, 'approval.answer', { approval: 'ap1', answer: yes ? 'allow' : 'deny' });
            return 'won';
          } catch (thrown) {
            return SkeinError.from(thrown).code;
          }
        });
        expect(results).toEqual(answers.map((_, n) => (n === 0 ? 'won' : 'already_answered')));
        const first = answers[0];
        const answered = world.session.approvals.ap1?.answered ?? null;
        if (first === undefined) expect(answered).toBeNull();
        else expect(answered?.outcome).toBe(first.yes ? 'allowed' : 'denied');
      }),
    );
  });
});

describe('silence', () => {
  const quiet = () => world.tell('agent.quiet', { run: RUN, ms: 300 });

  test('[A6] one that does not become ready is told as stuck, until it is ready', () => {
    add();
    outcome(RUN, { ...STARTED, restart: RESTART });
    quiet();
    expect(doing(agent(), world.session)).toBe('stuck');
    stepped([{ type: 'agent.ready', body: { run: RUN } }]);
    expect(doing(agent(), world.session)).toBe('idle');
    // Then it waits for a prompt, and may be silent.
    quiet();
    expect(doing(agent(), world.session)).toBe('idle');
  });

  test('[A6] one that is silent in a turn is told as stuck, until its next word', () => {
    started();
    stepped([{ type: 'turn.started', body: { run: RUN, turn: 't1', prompt: null } }]);
    quiet();
    expect(doing(agent(), world.session)).toBe('stuck');
    stepped([
      { type: 'message.delta', body: { run: RUN, turn: 't1', item: 'i1', from: 'agent', text: 'Hm' } },
    ]);
    expect(doing(agent(), world.session)).toBe('working');
  });
});

describe('usage', () => {
  test('[A1] what a turn uses is counted once, however often it is told, for whoever asked for it', () => {
    started();
    world.give(LOCAL, 'prompt.queue', { agent: AGENT, prompt: 'paaaaaaaaaaa', parts: text('one') });
    stepped([{ type: 'turn.started', body: { run: RUN, turn: 't1', prompt: 'paaaaaaaaaaa' } }]);
    for (const output of [5, 9])
      stepped([{ type: 'usage.set', body: { run: RUN, turn: 't1', tokens: { output, input: 3 } } }]);
    stepped([
      { type: 'usage.set', body: { run: RUN, turn: 't1', cost: { amount: 0.5, currency: 'USD' } } },
      { type: 'turn.ended', body: { run: RUN, turn: 't1', reason: 'done' } },
    ]);
    expect(agent().used).toMatchObject({ input: 3, output: 9, cost: { USD: 0.5 }, turns: 1 });
    expect(agent().usedBy).toEqual({ owner: agent().used });
  });

  test('[A1] what an agent has used stays counted when it is removed, for whoever asked for it', () => {
    const use = (id: string, amount: number, currency = 'USD') => {
      const run = `run${id.slice(0, 9)}`;
      world.give(LOCAL, 'agent.add', { agent: id, run, definition: 'claude' });
      outcome(run, { ...STARTED, restart: RESTART });
      world.give(LOCAL, 'prompt.queue', { agent: id, prompt: `p${id.slice(0, 11)}`, parts: text('one') });
      stepped(
        [
          { type: 'turn.started', body: { run, turn: 't1', prompt: `p${id.slice(0, 11)}` } },
          { type: 'usage.set', body: { run, turn: 't1', tokens: { output: 5 }, cost: { amount, currency } } },
          { type: 'turn.ended', body: { run, turn: 't1', reason: 'done' } },
          { type: 'turn.started', body: { run, turn: 't2', prompt: null } },
          { type: 'usage.set', body: { run, turn: 't2', tokens: { output: 2 } } },
          { type: 'agent.exited', body: { run, code: 0, signal: null, stderr: '' } },
        ],
        run,
      );
      world.give(LOCAL, 'agent.remove', { agent: id });
    };
    use('paidaaaaaaaa', 1);
    use('moreaaaaaaaa', 0.25);
    use('eurosaaaaaaa', 3, 'EUR');
    // One that has done nothing changes nothing.
    const before = world.session.usedGone;
    world.give(LOCAL, 'agent.add', { agent: 'idleaaaaaaaa', run: 'runidleaaaaa', definition: 'claude' });
    outcome('runidleaaaaa', { ...STARTED, restart: RESTART });
    stepped(
      [{ type: 'agent.exited', body: { run: 'runidleaaaaa', code: 0, signal: null, stderr: '' } }],
      'runidleaaaaa',
    );
    world.give(LOCAL, 'agent.remove', { agent: 'idleaaaaaaaa' });
    expect(world.session.agents).toEqual({});
    expect(world.session.usedGone).toBe(before);
    expect(before?.used).toMatchObject({ output: 21, cost: { USD: 1.25, EUR: 3 }, turns: 3 });
    expect(before?.usedBy.owner).toMatchObject({ output: 15, cost: { USD: 1.25, EUR: 3 }, turns: 3 });
    expect(before?.usedBy.agent).toMatchObject({ output: 6, turns: 0 });
  });
});
