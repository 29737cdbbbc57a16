/** Claude Code's stream-json as it was seen on the wire (2.1.197), played without Claude. */
import {
  type FakeAgent,
  type FakeScript,
  FakeTurns,
  halves,
  type Reply,
  type Said,
} from '../fake.fixture.ts';

const UUID = '00000000-0000-4000-8000-000000000000';

export function fakeClaude(script: FakeScript): FakeAgent {
  const { session } = script;
  const turns = new FakeTurns();
  let prompts = 0;
  let requests = 0;
  const common = { session_id: session, uuid: UUID };
  const event = (body: unknown) => ({
    print: { type: 'stream_event', event: body, parent_tool_use_id: null, ...common },
  });
  const message = (type: 'assistant' | 'user', content: unknown) => ({
    print: {
      type,
      message: { role: type, id: 'msg_1', model: 'm', content: [content] },
      parent_tool_use_id: null,
      ...common,
    },
  });
  const result = (fields: object) => ({
    print: {
      type: 'result',
      is_error: false,
      duration_ms: 5,
      num_turns: 1,
      total_cost_usd: prompts * 0.5,
      usage: { input_tokens: 10, output_tokens: 2 },
      permission_denials: [],
      ...common,
      ...fields,
    },
  });
  const aborted = () => result({ subtype: 'error_during_execution', terminal_reason: 'aborted_streaming' });

  function* streamed(type: 'text' | 'thinking', text: string): Generator<Said> {
    yield event({ type: 'content_block_start', index: 0, content_block: { type, [type]: '' } });
    for (const half of halves(text))
      yield event({ type: 'content_block_delta', index: 0, delta: { type: `${type}_delta`, [type]: half } });
    yield message('assistant', { type, [type]: text });
    yield event({ type: 'content_block_stop', index: 0 });
  }

  function* turn(): Generator<Said, void, Reply> {
    const late: string[] = [];
    yield {
      print: { type: 'system', subtype: 'init', cwd: '/w', model: 'm', permissionMode: 'default', ...common },
    };
    yield { print: { type: 'system', subtype: 'status', status: 'requesting', ...common } };
    yield event({ type: 'message_start', message: { id: 'msg_1' } });
    for (const step of script.turns[prompts++] ?? []) {
      if (step.do === 'think') yield* streamed('thinking', step.text);
      if (step.do === 'say') yield* streamed('text', step.text);
      if (step.do === 'print') yield { print: step.line };
      if (step.do === 'late') late.push(step.text);
      if (step.do === 'strange') {
        yield { print: { type: 'rate_limit_event', rate: 1, ...common } };
        yield { print: { type: 'system', subtype: 'never_heard_of', ...common } };
        const request_id = `strange-${++requests}`;
        yield { print: { type: 'control_request', request_id, request: { subtype: 'mcp_message' } } };
        yield { wait: { answer: request_id } };
      }
      if (step.do === 'hang') {
        yield { wait: 'cancel' };
        yield message('user', { type: 'text', text: '[Request interrupted by user]' });
        yield aborted();
        return;
      }
      if (step.do === 'fail') {
        yield message('assistant', { type: 'text', text: 'API Error: 500' });
        yield result({ subtype: 'success', is_error: true, result: 'API Error: 500', stop_reason: null });
        return;
      }
      if (step.do === 'write') {
        const { call, path, content } = step;
        const input = { file_path: path, content };
        const use = { type: 'tool_use', id: call, name: 'Write', input };
        if (!step.silent) {
          yield event({ type: 'content_block_start', index: 1, content_block: { ...use, input: {} } });
          yield event({
            type: 'content_block_delta',
            index: 1,
            delta: { type: 'input_json_delta', partial_json: JSON.stringify(input) },
          });
          yield message('assistant', use);
          yield event({ type: 'content_block_stop', index: 1 });
        }
        let output = 'File created.';
        let error = false;
        if (step.ask) {
          const request_id = `perm-${++requests}`;
          const request = { subtype: 'can_use_tool', tool_name: 'Write', tool_use_id: call, input };
          const suggestions = [{ type: 'setMode', mode: 'acceptEdits', destination: 'session' }];
          yield {
            print: {
              type: 'control_request',
              request_id,
              request: { ...request, permission_suggestions: suggestions },
            },
          };
          const told = yield { wait: { answer: request_id } };
          if (told === 'cancelled') {
            yield { print: { type: 'control_cancel_request', request_id } };
            yield message('user', { type: 'tool_result', tool_use_id: call, content: 'No.', is_error: true });
            yield aborted();
            return;
          }
          const answer = told?.answer as { behavior: string; message?: string; updatedInput?: object };
          if (answer.behavior === 'allow' && typeof answer.updatedInput !== 'object')
            throw new Error('Claude refuses an allowance without an input.');
          error = answer.behavior !== 'allow';
          if (error) output = answer.message ?? '';
        }
        yield message('user', { type: 'tool_result', tool_use_id: call, content: output, is_error: error });
      }
    }
    yield event({ type: 'message_stop' });
    yield result({ subtype: 'success', result: '', stop_reason: 'end_turn', terminal_reason: 'completed' });
    for (const text of late)
      yield { print: { type: 'system', subtype: 'local_command_output', content: text, ...common } };
  }

  return {
    receive(line) {
      const told = JSON.parse(line);
      if (told.type === 'user') return turns.begin(turn());
      if (told.type === 'control_response')
        return turns.answer(told.response.request_id, told.response.response ?? told.response.error);
      const done = (response: object) =>
        JSON.stringify({
          type: 'control_response',
          response: { subtype: 'success', request_id: told.request_id, response },
        });
      if (told.request.subtype === 'interrupt') return [...turns.cancel(), done({})];
      const commands = [{ name: 'compact', description: 'Makes it shorter', argumentHint: '' }];
      return [done(told.request.subtype === 'initialize' ? { commands, models: [] } : {})];
    },
  };
}
