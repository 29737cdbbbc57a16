/** What is Claude Code's own: queued interrupts, blocks told twice, subordinate agents, rules for "always" (rules A1, A4). */
import { expect, test } from 'vitest';
import type { Driver } from '../driver.ts';
import { Play, SPEC } from '../play.fixture.ts';
import { claude } from './step.ts';

const initialized = JSON.stringify({
  type: 'control_response',
  response: { subtype: 'success', request_id: 'skein-1', response: { commands: [], models: [] } },
});
const started = () => {
  const play = new Play(claude as Driver);
  play.print(initialized);
  play.prompt('p1');
  return play;
};
const result = (fields: object) => JSON.stringify({ type: 'result', subtype: 'success', ...fields });
const assistant = (content: object, parent: string | null = null) =>
  JSON.stringify({ type: 'assistant', parent_tool_use_id: parent, message: { id: 'm', content: [content] } });
const stream = (event: object) => JSON.stringify({ type: 'stream_event', parent_tool_use_id: null, event });

test('[A4] a file is named so that all of its path is read as one', () => {
  const play = new Play(claude as Driver);
  play.print(initialized);
  const paths = ['/w/a.txt', '/w/my notes.txt', '/w/menü', '/w/c++', '/w/a"b c'];
  play.give({ type: 'prompt', prompt: 'p', parts: paths.map((path) => ({ type: 'file', path })) });
  const { message } = play.written.at(-1) as { message: { content: { text: string }[] } };
  expect(message.content.map(({ text }) => text)).toEqual([
    ...['@/w/a.txt', '@"/w/my notes.txt"', '@"/w/menü"', '@"/w/c++"', '@/w/a"b c'],
  ]);
});

test('[A4] an interrupt that crossed the end of the turn is waited for: it could hit the next one', () => {
  const play = started();
  play.give({ type: 'cancel' });
  play.print(result({ is_error: false }));
  expect(play.of('turn.ended')).toEqual([]);
  expect(play.prompt('p2')).toMatchObject([{ body: { code: 'turn_running' } }]);
  play.print(
    '{"type":"control_response","response":{"subtype":"success","request_id":"skein-2","response":{}}}',
  );
  expect(play.of('turn.ended')).toMatchObject([{ reason: 'done' }]);
  play.prompt('p2');
  expect(play.of('turn.started')).toHaveLength(2);
});

test('[A1] a block that was streamed is told once, even when it comes whole only after it ended', () => {
  const play = started();
  for (const text of ['same', 'same']) {
    play.print(stream({ type: 'content_block_start', content_block: { type: 'text', text: '' } }));
    play.print(stream({ type: 'content_block_delta', delta: { type: 'text_delta', text } }));
  }
  play.print(stream({ type: 'message_stop' }));
  play.print(assistant({ type: 'text', text: 'same' }), assistant({ type: 'text', text: 'same' }));
  expect(play.transcript.turns[0]?.items.map((item) => item.type === 'message' && item.text)).toEqual([
    'same',
    'same',
  ]);
});

test('[A1] a block that turned out otherwise than streamed is corrected', () => {
  const play = started();
  play.print(stream({ type: 'content_block_delta', delta: { type: 'text_delta', text: 'dra' } }));
  play.print(assistant({ type: 'text', text: 'final' }));
  expect(play.transcript.turns[0]?.items).toMatchObject([{ text: 'final', ended: true }]);
});

test('[A1] subordinate agents are told apart from their chief, and their tools name the call', () => {
  const play = started();
  play.print(
    assistant({ type: 'tool_use', id: 'task', name: 'Task', input: { description: 'Look' } }),
    assistant({ type: 'text', text: 'inner' }, 'task'),
    assistant({ type: 'tool_use', id: 'read', name: 'Read', input: { file_path: '/w/a' } }, 'task'),
  );
  expect(play.of('message.delta')).toMatchObject([{ text: 'inner', parent: 'task' }]);
  expect(play.of('tool.announced')).toMatchObject([
    { call: 'task', title: 'Look' },
    { call: 'read', kind: 'read', paths: ['/w/a'], parent: 'task' },
  ]);
});

test('[A5] allowing always sends the rules that were suggested; questions beyond the limit are denied', () => {
  const play = started();
  const rules = [
    { type: 'addRules', rules: [{ toolName: 'Bash' }], behavior: 'allow', destination: 'session' },
  ];
  const ask = (id: string) =>
    JSON.stringify({
      type: 'control_request',
      request_id: id,
      request: {
        subtype: 'can_use_tool',
        tool_name: 'Bash',
        tool_use_id: id,
        input: { command: 'ls' },
        permission_suggestions: rules,
      },
    });
  play.print(ask('q1'));
  play.answer('allow_always');
  expect(play.written.at(-1)).toMatchObject({
    response: { request_id: 'q1', response: { behavior: 'allow', updatedPermissions: rules } },
  });
  play.print(...Array.from({ length: 70 }, (_, i) => ask(`more${i}`)));
  expect(play.state.approvals).toHaveLength(64);
  expect(play.written.at(-1)).toMatchObject({ response: { response: { behavior: 'deny' } } });
});

test('[A1] a turn that the agent begins by itself has no prompt', () => {
  const play = new Play(claude as Driver);
  play.print(
    initialized,
    stream({ type: 'message_start' }),
    assistant({ type: 'text', text: 'It ended.' }),
    result({}),
  );
  expect(play.of('turn.started')).toMatchObject([{ prompt: null }]);
  expect(play.of('turn.ended')).toMatchObject([{ reason: 'done' }]);
});

test('[A1] mode and model are told when the agent has taken them, and costs by turn', () => {
  const play = started();
  play.print(result({ total_cost_usd: 0.25 }));
  play.prompt('p2');
  play.print(result({ total_cost_usd: 1 }));
  expect(play.of('usage.set').map((usage) => usage.cost?.amount)).toEqual([0.25, 0.75]);
  play.give({ type: 'mode', mode: 'plan' });
  expect(play.of('agent.offers').at(-1)?.modes?.current).toBe('default');
  play.print('{"type":"control_response","response":{"subtype":"success","request_id":"skein-2"}}');
  expect(play.of('agent.offers').at(-1)?.modes?.current).toBe('plan');
  play.give({ type: 'model', model: 'x' });
  play.print(
    '{"type":"control_response","response":{"subtype":"error","request_id":"skein-3","error":"no"}}',
  );
  expect(play.of('agent.fault')).toMatchObject([{ code: 'agent_request_failed' }]);
});

test('[A1] an agent that refuses to start is given up', () => {
  const play = new Play(claude as Driver);
  play.print(
    '{"type":"control_response","response":{"subtype":"error","request_id":"skein-1","error":"no key"}}',
  );
  expect(play.of('agent.fault')).toMatchObject([{ code: 'agent_start_failed' }]);
  expect(play.state.life).toBe('deaf');
});

test('[A6] a session is resumed by its name on the command line', () => {
  const args = claude.args({ ...SPEC, resume: { session: 's1', history: 'known' }, model: 'm' });
  expect(args.join(' ')).toContain('--resume s1');
  expect(args.join(' ')).toContain('--model m');
});

test('[A1] what an agent in the background does begins no turn of its chief, which can be prompted meanwhile', () => {
  const play = started();
  play.print(
    assistant({ type: 'tool_use', id: 'task', name: 'Agent', input: { description: 'Look' } }),
    result({ is_error: false }),
    assistant({ type: 'tool_use', id: 'read', name: 'Read', input: { file_path: '/w/a' } }, 'task'),
    assistant({ type: 'text', text: 'inner' }, 'task'),
  );
  expect(play.of('turn.started')).toHaveLength(1);
  expect(play.of('message.delta')).toMatchObject([{ turn: 't1', text: 'inner', parent: 'task' }]);
  play.prompt('p2');
  expect(play.of('turn.started')).toMatchObject([{ prompt: 'p1' }, { prompt: 'p2' }]);
});

test('[A4] a turn of its own begins before its model says anything: a prompt given then would be taken for its cause', () => {
  const play = started();
  play.print(result({ is_error: false }), '{"type":"system","subtype":"init","session_id":"s"}');
  expect(play.of('turn.started')).toMatchObject([{ prompt: 'p1' }, { prompt: null }]);
  expect(play.prompt('p2')).toMatchObject([{ body: { code: 'turn_running' } }]);
  play.print(stream({ type: 'message_start' }), result({ is_error: false }));
  play.prompt('p2');
  expect(play.of('turn.started')).toMatchObject([{ prompt: 'p1' }, { prompt: null }, { prompt: 'p2' }]);
});
