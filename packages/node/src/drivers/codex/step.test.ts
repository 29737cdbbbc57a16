/** What is Codex's own: turns and their ids, items told twice, what its approvals grant (rules A1, A4, A5, A6). */
import { expect, test } from 'vitest';
import type { Driver, StartSpec } from '../driver.ts';
import { Play } from '../play.fixture.ts';
import { fakeCodex } from './agent.fixture.ts';
import { codex } from './step.ts';

const driver = codex as Driver;
const line = (method: string, params: object) =>
  JSON.stringify({ method, params: { threadId: 's', turnId: 'T', ...params } });
const answer = (id: number, result: unknown) => JSON.stringify({ id, result });
const request = (method: string, params: object) =>
  JSON.stringify({ id: 'q', method: `item/${method}/requestApproval`, params: { threadId: 's', ...params } });
const texts = (play: Play) =>
  play.transcript.turns.map((turn) => turn.items.map((item) => ('text' in item ? item.text : item.type)));

/** An app-server with the thread `s`; our requests 1 to 3 are past. */
function begun(spec: Partial<StartSpec> = {}): Play {
  const play = new Play(driver, undefined, spec);
  play.print(answer(1, { userAgent: 'skein/1.2.3 (x)' }), answer(2, { thread: { id: 's' }, model: 'm' }));
  return play;
}

test('[A4] a cancel waits for the id of its turn, and is sent once', () => {
  const play = begun();
  play.prompt('p');
  play.give({ type: 'cancel' });
  const sent = () => play.written.filter((one) => (one as { method?: string }).method === 'turn/interrupt');
  expect(sent()).toEqual([]);
  play.print(answer(4, { turn: { id: 'T' } }), line('turn/started', { turn: { id: 'T' } }));
  play.give({ type: 'cancel' });
  expect(sent()).toMatchObject([{ params: { threadId: 's', turnId: 'T' } }]);
  play.print(line('turn/completed', { turn: { id: 'another', status: 'completed' } }));
  expect(play.of('turn.ended')).toEqual([]);
  play.print(line('turn/completed', { turn: { id: 'T', status: 'interrupted' } }));
  expect(play.of('turn.ended')).toMatchObject([{ reason: 'cancelled' }]);
});

test('[A1] a message whose pieces came is not told again as a whole, and one whose did not is', () => {
  const play = begun();
  play.prompt('p');
  play.print(line('item/agentMessage/delta', { itemId: 'a', delta: 'Hel' }));
  play.print(line('item/started', { item: { type: 'webSearch', id: 'w', query: 'x' } }));
  play.print(line('item/completed', { item: { type: 'agentMessage', id: 'a', text: 'Hel' } }));
  play.print(line('item/completed', { item: { type: 'agentMessage', id: 'b', text: 'whole' } }));
  expect(texts(play)).toEqual([['Hel', 'tool', 'whole']]);
});

test('[A1] a message that turned out otherwise than its pieces is corrected', () => {
  const play = begun();
  play.prompt('p');
  play.print(line('item/agentMessage/delta', { itemId: 'a', delta: 'dra' }));
  play.print(line('item/completed', { item: { type: 'agentMessage', id: 'a', text: 'final' } }));
  expect(texts(play)).toEqual([['final']]);
});

test('[A1] commands tell what they do, and what was declined by a policy was denied', () => {
  const play = begun();
  play.prompt('p');
  const command = { type: 'commandExecution', id: 'c', command: 'cat a', cwd: '/w' };
  const actions = [{ type: 'read', path: '/w/a' }];
  play.print(line('item/started', { item: { ...command, commandActions: actions, status: 'inProgress' } }));
  play.print(line('item/completed', { item: { ...command, commandActions: actions, status: 'declined' } }));
  expect(play.of('tool.announced')).toMatchObject([{ kind: 'read', title: 'cat a', paths: ['/w/a'] }]);
  expect(play.of('tool.finished')).toMatchObject([{ end: 'denied' }]);
});

test('[A5] permissions that were asked for are granted as asked, or none are', () => {
  const permissions = { network: { enabled: true } };
  for (const [kind, granted] of [
    ['allow_once', { permissions, scope: 'turn' }],
    ['allow_always', { permissions, scope: 'session' }],
    ['deny_once', { permissions: {}, scope: 'turn' }],
  ] as const) {
    const play = begun();
    play.prompt('p');
    play.print(request('permissions', { itemId: 'x', reason: 'to fetch', permissions }));
    expect(play.of('approval.asked')).toMatchObject([{ reason: 'to fetch' }]);
    play.answer(kind);
    expect(play.written.at(-1)).toEqual({ id: 'q', result: granted });
  }
});

test('[A6] a resumed thread tells its past as turns, when it is wanted', () => {
  const history = [{ prompt: 'One', reply: 'First' }];
  const agent = fakeCodex({ session: 's', turns: [[{ do: 'say', text: 'Second' }]], history });
  const play = new Play(driver, agent, { resume: { session: 's', history: 'tell' } });
  play.prompt('p');
  expect(texts(play)).toEqual([['One', 'First'], ['Second']]);
  expect(play.transcript.turns.map((turn) => turn.replayed)).toEqual([true, false]);
});

test('[A1] mode and model go with the next turn; the definition says how the thread begins', () => {
  const play = begun({ options: { approvalPolicy: 'untrusted', sandbox: 'danger-full-access', other: 1 } });
  expect(play.written[2]).toMatchObject({
    method: 'thread/start',
    params: { approvalPolicy: 'untrusted', sandbox: 'danger-full-access' },
  });
  play.give({ type: 'mode', mode: 'read-only' });
  play.give({ type: 'model', model: 'n' });
  play.give({ type: 'mode', mode: 'nonsense' });
  expect(play.of('agent.offers').at(-1)).toMatchObject({
    modes: { current: 'read-only' },
    models: { current: 'n' },
  });
  expect(play.of('agent.refused')).toMatchObject([{ input: 'mode', code: 'bad_request' }]);
  play.prompt('p');
  expect(play.written.at(-1)).toMatchObject({
    params: { model: 'n', approvalPolicy: 'on-request', sandboxPolicy: { type: 'readOnly' } },
  });
});

test('[A1] usage is that of the turn', () => {
  const play = begun();
  const sums = (input: number) => ({ totalTokens: input, inputTokens: input, outputTokens: 1 });
  const used = (input: number) =>
    line('thread/tokenUsage/updated', {
      tokenUsage: { total: sums(input), last: sums(5), modelContextWindow: 100 },
    });
  play.prompt('p');
  play.print(used(10), line('turn/completed', { turn: { id: 'T', status: 'completed' } }));
  play.prompt('p2');
  play.print(used(25));
  expect(play.of('usage.set').map((usage) => usage.tokens?.input)).toEqual([10, 15]);
});

test('[A1] a thread that cannot begin gives the agent up; a turn that cannot fails', () => {
  const play = new Play(driver);
  play.print(answer(1, {}), '{"id":2,"error":{"code":-1,"message":"no"}}');
  expect(play.of('agent.fault')).toMatchObject([{ code: 'agent_start_failed' }]);
  const later = begun();
  later.prompt('p');
  later.print('{"id":4,"error":{"code":-32001,"message":"overloaded"}}');
  expect(later.of('turn.ended')).toMatchObject([{ reason: 'failed', message: 'overloaded' }]);
});
