/** What is ACP's own: sessions loaded and resumed, what cancels imply, options (rules A1, A4, A5, A6). */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { acceptsPrompt, type Driver, type StartSpec } from '../driver.ts';
import { Play } from '../play.fixture.ts';
import { MAX_APPROVALS } from '../state.ts';
import { converse, SUBJECTS, type Subject } from '../subjects.fixture.ts';
import { fakeAcp } from './agent.fixture.ts';
import { acp } from './step.ts';

const driver = acp as Driver;
const update = (what: object, session = 's') =>
  JSON.stringify({ jsonrpc: '2.0', method: 'session/update', params: { sessionId: session, update: what } });
const answer = (id: number, result: unknown) => JSON.stringify({ jsonrpc: '2.0', id, result });
const failure = (id: number, message: string) =>
  JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32000, message } });
const chunk = (text: string, messageId?: string) =>
  update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text }, messageId });

/** An agent that has begun a session `s`; what it can, and what the session begins with, as given. */
function begun(can: object = {}, session: object = {}, spec: Partial<StartSpec> = {}): Play {
  const play = new Play(driver, undefined, spec);
  play.print(answer(1, { protocolVersion: 1, agentCapabilities: can }));
  play.print(answer(2, { sessionId: 's', ...session }));
  return play;
}
const texts = (play: Play) =>
  play.transcript.turns.map((turn) => turn.items.map((item) => ('text' in item ? item.text : item.type)));

test('[A6] a loaded session tells its past as turns, when it is wanted', () => {
  const history = [
    { prompt: 'One', reply: 'First' },
    { prompt: 'Two', reply: 'Second' },
  ];
  const agent = fakeAcp({ session: 's', turns: [[{ do: 'say', text: 'Third' }]], history });
  const play = new Play(driver, agent, { resume: { session: 's', history: 'tell' } });
  play.prompt('p');
  expect(texts(play)).toEqual([['One', 'First'], ['Two', 'Second'], ['Third']]);
  expect(play.of('turn.started').map((turn) => turn.replayed ?? false)).toEqual([true, true, false]);
  expect(play.of('message.delta').map((delta) => delta.from)).toContain('user');
});

test('[A6] history that trails after a load is known too', () => {
  const play = begun({ loadSession: true }, {}, { resume: { session: 's', history: 'known' } });
  play.print(chunk('Long ago'));
  play.prompt('p');
  play.print(chunk('Now'), answer(3, { stopReason: 'end_turn' }));
  expect(texts(play)).toEqual([['Now']]);
});

test('[A6] history that trails after a load is told as turns of the past, and stops no prompt', () => {
  const play = new Play(driver, undefined, { resume: { session: 's', history: 'tell' } });
  const user = (text: string) =>
    update({ sessionUpdate: 'user_message_chunk', content: { type: 'text', text } });
  play.print(answer(1, { protocolVersion: 1, agentCapabilities: { loadSession: true } }));
  play.print(user('Context'), answer(2, {}), user('One'), chunk('First'), user('Two'));
  expect(acceptsPrompt(play.state)).toBe(true);
  play.give({ type: 'cancel' });
  expect(play.of('agent.refused')).toMatchObject([{ code: 'no_turn' }]);
  play.prompt('p');
  play.print(chunk('Now'), answer(3, { stopReason: 'end_turn' }));
  expect(texts(play)).toEqual([['Context'], ['One', 'First'], ['Two'], ['Now']]);
  expect(play.transcript.turns.map(({ replayed, end }) => ({ replayed, end }))).toEqual([
    ...[1, 2, 3].map(() => ({ replayed: true, end: 'done' })),
    { replayed: false, end: 'done' },
  ]);
});

test('[A6] a session is resumed, rather than loaded, where the agent can', () => {
  const play = begun(
    { loadSession: true, sessionCapabilities: { resume: {} } },
    {},
    { resume: { session: 's', history: 'known' } },
  );
  expect(play.written[1]).toMatchObject({ method: 'session/resume', params: { sessionId: 's' } });
  expect(play.of('agent.session')).toMatchObject([{ session: 's', resumes: true }]);
});

test('[A6] an agent that cannot resume, or refuses to, is given up, and never begins another session unasked', () => {
  const cannot = begun({}, {}, { resume: { session: 's', history: 'known' } });
  expect(cannot.written).toHaveLength(1);
  const refuses = new Play(driver, undefined, { resume: { session: 's', history: 'known' } });
  refuses.print(answer(1, { protocolVersion: 1, agentCapabilities: { loadSession: true } }));
  refuses.print(failure(2, 'too fresh'));
  for (const play of [cannot, refuses]) {
    expect(play.of('agent.fault')).toMatchObject([{ code: 'agent_start_failed' }]);
    expect(play.state.life).toBe('deaf');
  }
});

test('[A1] an agent of another protocol version is given up', () => {
  const play = new Play(driver);
  play.print(answer(1, { protocolVersion: 2 }));
  expect(play.of('agent.fault')).toMatchObject([{ code: 'agent_start_failed' }]);
});

test('[A1] a refusal that cancels the turn ends it so, though nobody cancelled', () => {
  const play = begun();
  play.prompt('p');
  play.print(
    JSON.stringify({
      jsonrpc: '2.0',
      id: 'x',
      method: 'session/request_permission',
      params: {
        sessionId: 's',
        toolCall: { toolCallId: 'c', title: 'Write' },
        options: [{ optionId: 'no', name: 'No', kind: 'reject_once' }],
      },
    }),
  );
  play.answer('deny_once');
  play.print(answer(3, { stopReason: 'cancelled' }));
  expect(play.of('turn.ended')).toMatchObject([{ reason: 'cancelled' }]);
  expect(play.of('tool.finished')).toMatchObject([{ call: 'c', end: 'denied' }]);
});

test('[A4] a cancel answers every open question, once', () => {
  const play = converse(SUBJECTS.find((subject) => subject.driver.name === 'acp') as Subject);
  const cancelled = play.written.filter((line) => JSON.stringify(line).includes('"outcome":"cancelled"'));
  expect(cancelled).toHaveLength(1);
});

test('[A4] what is asked while its turn is being cancelled is answered so at once, and nobody is asked', () => {
  const play = begun();
  play.prompt('p');
  play.give({ type: 'cancel' });
  const options = [{ optionId: 'yes', name: 'Yes', kind: 'allow_once' }];
  const params = { sessionId: 's', toolCall: { toolCallId: 'c' }, options };
  play.print(JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'session/request_permission', params }));
  expect(play.written.at(-1)).toMatchObject({ id: 7, result: { outcome: { outcome: 'cancelled' } } });
  expect(play.of('approval.asked')).toEqual([]);
  play.print(answer(3, { stopReason: 'cancelled' }));
  expect(play.of('tool.finished')).toMatchObject([{ call: 'c', end: 'cancelled' }]);
});

test('[A1] more questions than are kept open are answered no, and that is told', () => {
  const play = begun();
  play.prompt('p');
  const options = [{ optionId: 'yes', name: 'Yes', kind: 'allow_once' }];
  for (let id = 1; id <= MAX_APPROVALS + 2; id++) {
    const params = { sessionId: 's', toolCall: { toolCallId: `c${id}` }, options };
    play.print(JSON.stringify({ jsonrpc: '2.0', id, method: 'session/request_permission', params }));
  }
  expect(play.of('approval.asked')).toHaveLength(MAX_APPROVALS);
  expect(play.written.at(-1)).toMatchObject({ result: { outcome: { outcome: 'cancelled' } } });
  expect(play.of('agent.fault')).toMatchObject([{ code: 'limit_reached' }, { code: 'limit_reached' }]);
});

test('[A4] a file is named by a URI that leads to it, whatever is in its name', () => {
  const play = begun();
  const file = { type: 'file' as const, path: '/w/a b/#1?c%20ü.txt' };
  play.give({ type: 'prompt', prompt: 'p', parts: [file] });
  const [link] = (play.written.at(-1) as { params: { prompt: { uri: string }[] } }).params.prompt;
  expect(fileURLToPath(link?.uri ?? '')).toBe(file.path);
});

test('[A5] an agent that takes its question back gets its answer, and nobody can answer any more', () => {
  const play = begun();
  play.prompt('p');
  const options = [{ optionId: 'yes', name: 'Yes', kind: 'allow_once' }];
  const params = { sessionId: 's', toolCall: { toolCallId: 'c' }, options };
  play.print(JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'session/request_permission', params }));
  play.print('{"jsonrpc":"2.0","method":"$/cancel_request","params":{"requestId":7}}');
  expect(play.of('approval.resolved')).toMatchObject([{ outcome: 'withdrawn' }]);
  expect(play.written.at(-1)).toMatchObject({ id: 7, error: { code: -32800 } });
});

test('[A1] input that changes until a call is final is told as it changes, and repetitions are not', () => {
  const play = begun();
  play.prompt('p');
  const call = (rest: object) => update({ sessionUpdate: 'tool_call_update', toolCallId: 'c', ...rest });
  play.print(call({ rawInput: { a: 1 } }), call({ rawInput: { a: 2 } }), call({ rawInput: { a: 2 } }));
  play.print(call({ status: 'completed', rawInput: { a: 3 } }));
  expect(play.of('tool.updated')).toHaveLength(1);
  expect(play.transcript.turns[0]?.items).toMatchObject([{ state: 'done', input: { json: { a: 3 } } }]);
});

test('[A1] modes and models are chosen by option where there is one, else by their methods', () => {
  const option = (current: string) => ({
    id: 'm',
    name: 'Mode',
    category: 'mode',
    type: 'select',
    currentValue: current,
    options: [
      { value: 'a', name: 'A' },
      { value: 'b', name: 'B' },
    ],
  });
  const play = begun({}, { configOptions: [option('a')] }, { mode: 'b' });
  expect(play.written.at(-1)).toMatchObject({ method: 'session/set_config_option', params: { value: 'b' } });
  play.print(answer(3, { configOptions: [option('b')] }));
  expect(play.of('agent.offers').at(-1)?.modes?.current).toBe('b');
  play.give({ type: 'model', model: 'x' });
  expect(play.of('agent.refused')).toMatchObject([{ input: 'model', code: 'bad_request' }]);
  const plain = begun({}, { modes: { currentModeId: 'a', availableModes: [{ id: 'a', name: 'A' }] } });
  plain.give({ type: 'mode', mode: 'z' });
  plain.print(answer(3, {}));
  expect(plain.of('agent.offers').at(-1)?.modes?.current).toBe('z');
});

test('[A1] news of a foreign session is kept apart', () => {
  const play = begun();
  play.prompt('p');
  play.print(update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'x' } }, 'other'));
  expect(play.of('message.delta')).toEqual([]);
  expect(play.of('agent.note')).toHaveLength(1);
});

test('[A1] all that is written fits the published schema', () => {
  const file = createRequire(import.meta.url).resolve('@agentclientprotocol/sdk/schema/v1/schema.json');
  const schema = JSON.parse(readFileSync(file, 'utf8'));
  const names: Record<string, string> = {
    initialize: 'InitializeRequest',
    'session/new': 'NewSessionRequest',
    'session/load': 'LoadSessionRequest',
    'session/prompt': 'PromptRequest',
    'session/cancel': 'CancelNotification',
    'session/set_mode': 'SetSessionModeRequest',
  };
  const fits = (name: string, value: unknown) =>
    z.fromJSONSchema({ $ref: `#/$defs/${name}`, $defs: schema.$defs }).parse(value);
  const play = converse(SUBJECTS.find((subject) => subject.driver.name === 'acp') as Subject);
  for (const line of play.written as { method?: string; params?: unknown; result?: unknown }[]) {
    if (line.method !== undefined) fits(names[line.method] ?? line.method, line.params);
    else if (line.result !== undefined) fits('RequestPermissionResponse', line.result);
  }
  expect(() => fits('PromptRequest', { sessionId: 1 })).toThrow();
});

const costs = (play: Play) => play.of('usage.set').map(({ cost }) => cost?.amount);
const told = (amount: number) =>
  update({ sessionUpdate: 'usage_update', used: 1, size: 10, cost: { amount, currency: 'USD' } });
const gone = (cost?: number) =>
  begun(
    { loadSession: true },
    {},
    { resume: { session: 's', history: 'known', ...(cost === undefined ? {} : { cost }) } },
  );

test('[A6] a turn of a session that is gone on with costs what it adds to what the session had cost', () => {
  const first = begun();
  first.prompt('p');
  first.print(told(1), told(1.5), answer(3, { stopReason: 'end_turn' }));
  expect(costs(first)).toEqual([1, 1.5]);
  expect(first.of('usage.set').map(({ sessionCost }) => sessionCost)).toEqual([1, 1.5]);
  const next = gone(1.5);
  next.prompt('p');
  next.print(told(2), answer(3, { stopReason: 'end_turn' }));
  next.prompt('p2');
  next.print(told(4));
  expect(costs(next)).toEqual([0.5, 2]);
});

test('[A6] an agent that counts from nothing when it goes on costs what it says', () => {
  const play = gone(1.5);
  play.prompt('p');
  play.print(told(1), told(1.75), answer(3, { stopReason: 'end_turn' }));
  expect(costs(play)).toEqual([1, 1.75]);
});

test('[A6] what a session had cost that is not known is no cost of its next turn', () => {
  const silent = gone();
  silent.prompt('p');
  silent.print(told(7), told(8), answer(3, { stopReason: 'end_turn' }));
  expect(costs(silent)).toEqual([undefined, 1]);
  const tells = gone();
  tells.print(told(7));
  tells.prompt('p');
  tells.print(told(8));
  expect(costs(tells).at(-1)).toBe(1);
});
