/** What of a session waits for whom (rule N4). */
import { newId } from '@skein/protocol/ids';
import { reduceSession } from '@skein/protocol/sessions/state';
import { expect, test, vi } from 'vitest';
import { LOCAL_USER, type Principal } from '../members/principal.ts';
import type { Sessions } from '../sessions/service.ts';
import { taskAskHandlers } from './asks.ts';
import { TASK_CHECK } from './decide.ts';
import { Inbox, itemsOf } from './inbox.ts';
import { LOCAL, Workshop } from './tasks.fixture.ts';

test('[N4] whoever may deal with something is told so, whoever may not sees it; what is over is gone', () => {
  const shop = new Workshop();
  const lead = 'leadaaaaaaaa';
  const kinds = (role: 'viewer' | 'approver' | 'owner', now = shop.now) =>
    itemsOf(shop.state, role, now).map(({ kind, yours }) => (yours ? kind : `(${kind})`));
  expect(kinds('owner')).toEqual([]);
  shop.add();
  shop.give('question.ask', { question: newId(), text: 'Which port?', agent: lead });
  shop.advance(lead);
  const run = shop.state.agents[lead]?.run?.run;
  const about = {
    run,
    turn: shop.state.agents[lead]?.turn?.turn,
    call: 'c',
    kind: 'edit',
    title: 'Write',
    paths: [],
  };
  const asked = { type: 'approval.asked', body: { ...about, approval: 'a', options: [] } };
  if (shop.state.agents[lead] !== undefined) shop.step(shop.state.agents[lead], asked);
  expect(kinds('owner')).toEqual(['approval', 'question']);
  expect(kinds('viewer')).toEqual(['(approval)', '(question)']);
  shop.tell('agent.quiet', { run, ms: 60_000 });
  shop.exit(lead);
  expect(kinds('approver')).toEqual(['(task)']);
  expect(itemsOf(shop.state, 'owner', shop.now)).toMatchObject([
    {
      kind: 'task',
      n: 1,
      agentName: 'lead',
      detail: expect.stringContaining('failed: The run of lead ended'),
    },
  ]);
  expect(kinds('owner', shop.now + 25 * 3_600_000)).toEqual([]);
});

test('[N4] of a worktree the last landing counts, and an owner deals with one that stopped', () => {
  const shop = new Workshop();
  const kinds = (role: 'approver' | 'owner') =>
    itemsOf(shop.state, role, shop.now).map(({ kind, yours }) => (yours ? kind : `(${kind})`));
  const landing = (
    state: 'stopped' | 'landed',
    from = 'wwwwwwwwwwww',
    agent: string | null = null,
    more: { nothing?: true } = {},
  ) => {
    const event = {
      ...{ type: 'landing.changed', at: shop.now, by: LOCAL },
      body: {
        ...{
          workspace: 'bbbbbbbbbbbb',
          workspaceName: 'app',
          agent,
          landing: newId(),
          state,
          step: null,
        },
        ...{ from, fromName: 'app-x', branch: 'skein/app-x', onto: 'main', how: 'rebase', before: null },
        ...{ after: null, head: null, commits: 0, message: 'They do not go together.', paths: [] },
        ...more,
      },
    };
    shop.state = reduceSession(shop.state, event, shop.events.length);
  };
  landing('stopped');
  landing('stopped');
  expect(kinds('owner')).toEqual(['landing']);
  expect(kinds('approver')).toEqual(['(landing)']);
  landing('landed', 'vvvvvvvvvvvv');
  expect(kinds('owner')).toEqual(['landing']);
  landing('landed');
  landing('stopped', 'uuuuuuuuuuuu', 'goneaaaaaaaa');
  expect(kinds('owner')).toEqual([]);
  // Nobody has to do anything about work that is all there.
  landing('stopped', 'xxxxxxxxxxxx', null, { nothing: true });
  expect(kinds('owner')).toEqual([]);
});

test('[M3] who sees the history only from when they came is told nothing that was over before, and what fails since', async () => {
  const shop = new Workshop();
  shop.add();
  shop.advance('leadaaaaaaaa');
  shop.exit('leadaaaaaaaa');
  shop.spawn('before');
  shop.act({ fails: true });
  const over = shop.state;
  shop.now += 1_000;
  const device = { device: 'd', name: 'x', added: shop.now, history: 'from-join', from: 9, runs: {} };
  const member = {
    id: 'm',
    name: 'm',
    role: 'approver',
    joined: shop.now,
    devices: [device],
    revoked: false,
  };
  const members = { m: member } as unknown as typeof over.members;
  const kinds = async (by: Principal) => {
    const listed = { id: over.id, agents: ['x'], devices: { d: { role: 'approver' } } };
    const sessions = { list: async () => [listed], session: async () => ({ ...shop.state, members }) };
    const inbox = new Inbox(sessions as unknown as Sessions, {} as never);
    return (await inbox.items(by)).map(({ kind, agentName }) => `${kind} ${agentName}`).sort();
  };
  vi.useFakeTimers({ now: shop.now });
  const late: Principal = { kind: 'device', device: 'd' };
  expect(await kinds(LOCAL_USER)).toEqual(['agent before', 'task lead']);
  expect(await kinds(late)).toEqual([]);
  shop.now += 1_000;
  shop.spawn('after');
  shop.act({ fails: true });
  vi.setSystemTime(shop.now);
  expect(await kinds(late)).toEqual(['agent after']);
  vi.useRealTimers();
});

test('[N3] a check that printed nothing is told by how it ended alone', () => {
  const shop = new Workshop();
  shop.add({ check: 'false' });
  while (shop.effects[0]?.kind !== TASK_CHECK) {
    const [agent] = Object.keys(shop.state.agents);
    if (!shop.act() && (agent === undefined || !shop.advance(agent))) break;
  }
  const value = { ok: false, how: 'ended with 1', tail: '' };
  shop.tell('effect.outcome', { id: shop.effects[0]?.id, kind: TASK_CHECK, status: 'done', value });
  expect(Object.values(shop.state.tasks)).toMatchObject([{ life: 'failed', why: 'The check ended with 1.' }]);
});

test('[N4] who is answered at once leaves nothing that watches for changes, nor what fails of it', async () => {
  const limits: AbortSignal[] = [];
  const changed = async (limit: AbortSignal) => {
    limits.push(limit);
    throw new Error('The log cannot be read.');
  };
  const inbox = { items: async () => [], changed } as unknown as Inbox;
  const watching = { waits: () => () => {} };
  const { inbox: ask } = taskAskHandlers({ inbox, watching } as unknown as Parameters<
    typeof taskAskHandlers
  >[0]);
  const about = { by: LOCAL, aborted: new AbortController().signal } as unknown as Parameters<typeof ask>[1];
  expect(await ask({ wait: 60_000 }, about)).toMatchObject({ items: [] });
  expect(limits.map(({ aborted }) => aborted)).toEqual([true]);
});
