/** Whatever comes of agents and whenever the node ends, each task is worked on as it was asked for (rule N3). */
import { isAlive } from '@skein/protocol/agents/state';
import { newId } from '@skein/protocol/ids';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { TaskEvents } from '@skein/protocol/tasks/events';
import { hasEnded, type Task } from '@skein/protocol/tasks/state';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NewEvent } from '../kernel/types.ts';
import { LOCAL, Workshop } from './tasks.fixture.ts';
import { workOf } from './working.ts';

const nat = fc.nat({ max: 9 });
const step = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    needs: fc.array(nat, { maxLength: 3 }),
    who: fc.constantFrom('any', 'codex', 'claude', 'named' as const),
    named: nat,
    anyway: fc.boolean(),
    retries: fc.nat({ max: 2 }),
    check: fc.boolean(),
    deadline: fc.option(fc.integer({ min: 1_000, max: 20_000 }), { nil: undefined }),
  }),
  fc.record({
    do: fc.constantFrom('cancel', 'retry', 'report', 'exit', 'spawn', 'withdraw' as const),
    which: nat,
  }),
  fc.record({
    do: fc.constant('advance' as const),
    which: nat,
    reason: fc.constantFrom('done', 'done', 'failed', 'refused', 'cancelled', 'lost'),
  }),
  fc.record({ do: fc.constant('act' as const), fails: fc.boolean(), twice: fc.boolean() }),
  fc.record({ do: fc.constant('slots' as const), slots: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 15_000 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function play(shop: Workshop, one: Step): void {
  const tasks = Object.values(shop.state.tasks);
  const agents = Object.values(shop.state.agents);
  const pick = <T>(all: readonly T[], n: number) => (all.length === 0 ? undefined : all[n % all.length]);
  if (one.do === 'add') {
    const needs = one.needs.flatMap((n) => pick(tasks, n)?.task ?? []);
    const who =
      one.who === 'named'
        ? { to: pick(agents, one.named)?.agent }
        : one.who === 'any'
          ? {}
          : { definition: one.who };
    const { anyway, retries, deadline } = one;
    const more = { ...(deadline === undefined ? {} : { deadline }), ...(one.check ? { check: 'true' } : {}) };
    shop.add({ needs, ...who, anyway, retries, ...more });
  } else if (one.do === 'advance') {
    const agent = pick(shop.alive(), one.which);
    if (agent !== undefined) shop.advance(agent.agent, one.reason, 'so');
  } else if (one.do === 'act') shop.act(one);
  else if (one.do === 'slots') shop.give('task.slots', { slots: one.slots });
  else if (one.do === 'pass') shop.pass(one.ms);
  else if (one.do === 'exit') shop.exit(pick(agents, one.which)?.agent ?? '');
  else if (one.do === 'spawn') {
    if (agents.length < 16) shop.spawn(one.which % 2 === 0 ? 'codex' : 'claude');
  } else if (one.do === 'withdraw') {
    const agent = pick(shop.alive(), one.which);
    const prompt = agent?.queue[0]?.prompt;
    if (agent !== undefined && prompt !== undefined)
      shop.give('prompt.cancel', { agent: agent.agent, prompt });
  } else {
    const open = tasks.filter((task) => hasEnded(task) === (one.do === 'retry') && task.life !== 'done');
    const task = pick(open, one.which);
    if (task === undefined) return;
    const said = one.do === 'report' ? { ok: one.which % 3 > 0, text: 'it is so' } : {};
    shop.give(`task.${one.do}`, { task: task.task, ...said });
  }
}

/** What must hold at each event. */
class Rules {
  readonly prompts = new Set<string>();
  readonly given = new Map<string, number>();

  look(state: SessionState, { type, body }: NewEvent, before: SessionState): void {
    if (type === 'prompt.queued') {
      const { prompt } = body as { prompt: string };
      expect(this.prompts.has(prompt)).toBe(false);
      this.prompts.add(prompt);
    }
    const { task: id } = body as { task?: string };
    if (type === 'task.given') this.#given(state, body as TaskEvents['task.given'], before);
    if (type === 'task.ended' && id !== undefined) expect(hasEnded(before.tasks[id] as Task)).toBe(false);
    const held = Object.values(state.tasks).flatMap(({ given }) => given?.agent ?? []);
    expect(new Set(held).size).toBe(held.length);
  }

  #given(state: SessionState, { task: id, attempt }: TaskEvents['task.given'], before: SessionState): void {
    const task = state.tasks[id] as Task;
    expect(attempt).toBe((this.given.get(id) ?? 0) + 1);
    expect(attempt).toBeLessThanOrEqual(task.base + task.retries + 1);
    this.given.set(id, attempt);
    expect(before.tasks[id]?.life).toBe('open');
    expect(Object.values(state.tasks).filter(({ life }) => life === 'running').length).toBeLessThanOrEqual(
      state.slots,
    );
    const ready = (one: Task) => one.needs.every((need) => !state.tasks[need] || hasEnded(state.tasks[need]));
    expect(ready(task)).toBe(true);
    // Of those that the same agents may do none is passed over.
    const earlier = Object.values(state.tasks).filter(
      (one) =>
        one.n < task.n && one.life === 'open' && one.to === task.to && one.definition === task.definition,
    );
    expect(earlier.filter(ready)).toEqual([]);
  }
}

test('[N3] random needs, ends, kills and slots: nothing twice, nothing passed over, never more than the slots, nothing stuck', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const shop = new Workshop();
      const rules = new Rules();
      shop.watch = (...seen) => rules.look(...seen);
      for (const one of steps) play(shop, one);
      shop.settle();
      for (const task of Object.values(shop.state.tasks)) {
        if (hasEnded(task)) continue;
        const { to } = task;
        // Only one that nobody can do, or that waits for one, is left.
        const doable =
          to === null
            ? shop.alive().length > 0 || task.definition !== null
            : isAlive(shop.state.agents[to] as never);
        const waits = task.needs.some((id) => shop.state.tasks[id] && !hasEnded(shop.state.tasks[id]));
        const barred = shop.alive().length >= 32;
        expect(doable && !waits && !barred).toBe(false);
      }
      const told = shop.told.findLast(({ type }) => type === 'session.work')?.body;
      const { tasks, questions } = workOf(shop.state);
      if (told === undefined) expect(tasks + questions).toBe(0);
      else expect(told).toStrictEqual(workOf(shop.state));
    }),
    { numRuns: 300 },
  );
});

test('[N3] a task is what was said, with what it builds on, and its result what the agent reports, else its last message', () => {
  const shop = new Workshop();
  const first = shop.add({ text: 'Find the port.' });
  shop.advance('leadaaaaaaaa');
  expect(shop.advance('leadaaaaaaaa', 'done', 'It is 8080.')).toBe(true);
  expect(shop.state.tasks[first]).toMatchObject({
    life: 'done',
    result: { ok: true, text: 'It is 8080.', from: 'message' },
  });
  const second = shop.add({ text: 'Use it.', needs: [first] });
  const asked = shop.events.findLast(({ type }) => type === 'prompt.queued')?.body as {
    parts: { text: string }[];
  };
  expect(asked.parts[0]?.text).toMatch(/^Task 2, given by .*Use it\..*task 1 \(done\): It is 8080\./s);
  shop.advance('leadaaaaaaaa');
  shop.give('task.report', { task: second, text: 'Used.', data: { port: 8080 } });
  expect(shop.state.tasks[second]?.life).toBe('running');
  shop.advance('leadaaaaaaaa', 'done', 'Bye.');
  expect(shop.state.tasks[second]).toMatchObject({
    life: 'done',
    result: { text: 'Used.', data: { port: 8080 }, from: 'report' },
  });
});

test('[A5] a prompt of a task is whoever has added that, whatever let it begin, with the words of who told of it', () => {
  const shop = new Workshop();
  const [first, second] = [shop.add(), shop.add()];
  shop.advance('leadaaaaaaaa');
  const queued = () => shop.events.findLast(({ type }) => type === 'prompt.queued');
  expect(queued()).toMatchObject({ by: LOCAL });
  shop.join('bob');
  shop.give('task.report', { task: first, text: 'So.' }, shop.member('bob'));
  shop.advance('leadaaaaaaaa');
  expect(shop.state.tasks[second]?.life).toBe('running');
  expect(shop.state.agents.leadaaaaaaaa?.queue[0]).toMatchObject({ by: LOCAL });
  expect(shop.state.agents.leadaaaaaaaa?.queue[0]).not.toHaveProperty('also');
  const theirs = newId();
  shop.give('task.add', { task: theirs, text: 'x' }, shop.member('bob'));
  const after = shop.add({ needs: [first] });
  shop.give('task.slots', { slots: 3 });
  shop.advance('leadaaaaaaaa');
  shop.advance('leadaaaaaaaa');
  expect(shop.state.tasks[theirs]?.life).toBe('running');
  expect(queued()).toMatchObject({ by: shop.member('bob') });
  expect(shop.state.agents.leadaaaaaaaa?.queue[0]).toMatchObject({ by: shop.member('bob') });
  shop.advance('leadaaaaaaaa');
  shop.advance('leadaaaaaaaa');
  expect(shop.state.tasks[after]?.life).toBe('running');
  expect(shop.state.agents.leadaaaaaaaa?.queue[0]).toMatchObject({ by: LOCAL, also: [shop.member('bob')] });
});

test('[N3] one whose need failed fails, says which, and is done anyway only if that was wanted', () => {
  const shop = new Workshop();
  const bad = shop.add();
  const after = shop.add({ needs: [bad] });
  const anyway = shop.add({ needs: [bad], anyway: true });
  const last = shop.add({ needs: [after] });
  shop.advance('leadaaaaaaaa');
  shop.advance('leadaaaaaaaa', 'failed');
  const { tasks } = shop.state;
  expect(tasks[bad]?.life).toBe('failed');
  expect(tasks[after]).toMatchObject({ life: 'failed', why: 'It needs task 1, which failed.' });
  expect(tasks[last]).toMatchObject({ life: 'failed', why: 'It needs task 2, which failed.' });
  expect(tasks[anyway]?.life).toBe('running');
});

test('[N3] a deadline that passes cancels the turn, and the agent has nothing new before that has ended', () => {
  const shop = new Workshop();
  const late = shop.add({ deadline: 5_000 });
  const next = shop.add();
  shop.advance('leadaaaaaaaa');
  shop.pass(5_000);
  expect(shop.state.tasks[late]).toMatchObject({
    life: 'late',
    why: expect.stringContaining('time was over'),
  });
  expect(shop.state.agents.leadaaaaaaaa?.turn?.cancelling).toBe(true);
  expect(shop.state.tasks[next]?.life).toBe('open');
  shop.advance('leadaaaaaaaa');
  expect(shop.state.tasks[next]?.life).toBe('running');
});

test('[N3] what cannot be is refused: a need that is not there or itself, an unknown agent, more than fit', () => {
  const shop = new Workshop();
  const refused = (more: object) => {
    try {
      shop.add(more);
    } catch (error) {
      return (error as { code: string }).code;
    }
    return 'taken';
  };
  expect(refused({ task: 'aaaaaaaaaaaa', needs: ['aaaaaaaaaaaa'] })).toBe('deadlock');
  expect(refused({ needs: ['aaaaaaaaaaaa'] })).toBe('not_found');
  expect(refused({ to: 'aaaaaaaaaaaa' })).toBe('not_found');
  expect(refused({ to: 'leadaaaaaaaa', definition: 'codex' })).toBe('bad_request');
  expect(refused({ text: ' ' })).toBe('bad_request');
  const given = shop.add();
  shop.give('task.cancel', { task: given });
  for (let n = 0; n < 256; n++) shop.add();
  expect(refused({})).toBe('mailbox_full');
  expect(() => shop.give('task.retry', { task: given })).toThrow(/256 tasks that have not ended/);
});

test('[N3] [N1] the tool of agents reports of the task that one works on, and of no other', () => {
  const shop = new Workshop();
  const lead = 'leadaaaaaaaa';
  const by = { kind: 'agent', session: shop.state.id, agent: lead, name: 'lead' };
  const mine = shop.add();
  const others = shop.add({ definition: 'codex' });
  expect(() => shop.give('task.report', { task: others, text: 'x' }, by)).toThrow(/not yours/);
  shop.advance(lead);
  shop.give('agent.report', { prompt: 'aaaaaaaaaaaa', ok: false, text: 'There is no port.' }, by);
  shop.advance(lead, 'done', 'Sorry.');
  expect(shop.state.tasks[mine]).toMatchObject({ life: 'failed', why: 'There is no port.' });
  expect(() => shop.give('task.report', { text: 'x' }, by)).toThrow(/You work on no task now/);
});
