/** What of a session waits for whom (rule N4). */
import { newId } from '@skein/protocol/ids';
import { expect, test } from 'vitest';
import { itemsOf } from './inbox.ts';
import { Workshop } from './tasks.fixture.ts';

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
