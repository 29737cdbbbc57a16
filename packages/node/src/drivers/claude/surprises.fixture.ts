/** The surprises of surprises.fixture.ts as they come by Claude Code's stream-json. */
import { FINAL, LATE, lines, type Surprises } from '../surprises.fixture.ts';

const common = { session_id: 'session-1', uuid: '00000000-0000-4000-8000-000000000000' };
const message = (type: 'assistant' | 'user', block: object) => ({
  ...{ type, parent_tool_use_id: null, ...common },
  message: { role: type, id: 'msg_1', model: 'm', content: [block] },
});
const input = (path: string) => ({ file_path: path, content: 'AAA' });
const use = (path = '/w/a.txt') =>
  message('assistant', { type: 'tool_use', id: 'c1', name: 'Write', input: input(path) });
const used = (error = false) =>
  message('user', { type: 'tool_result', tool_use_id: 'c1', content: 'So.', is_error: error });
const permission = (path = '/w/a.txt') => ({
  ...{ type: 'control_request', request_id: 'perm-1' },
  request: { subtype: 'can_use_tool', tool_name: 'Write', tool_use_id: 'c1', input: input(path) },
});
const event = (body: object) => ({ type: 'stream_event', event: body, parent_tool_use_id: null, ...common });
const result = (fields: object = {}) => ({
  ...{ type: 'result', subtype: 'success', is_error: false, terminal_reason: 'completed', result: '' },
  ...{ ...common, ...fields },
});
const aborted = () =>
  result({ subtype: 'error_during_execution', is_error: true, terminal_reason: 'aborted_tools' });
const ends = () => lines(result());

export const claudeSurprises: Surprises = {
  'a refusal, and the turn goes on': {
    asks: () => lines(use(), permission()),
    after: () => lines(used(true), message('assistant', { type: 'text', text: 'Then not.' }), result()),
  },
  'a refusal that ends the turn, as if it were done': {
    asks: () => lines(use(), permission()),
    after: ends,
  },
  'a refusal that cancels the turn': {
    asks: () => lines(use(), permission()),
    after: () => lines(used(true), aborted()),
  },
  'permission asked for a call that was never announced': {
    asks: () => lines(permission()),
    after: () => lines(used(), result()),
  },
  'news of a call that was never announced': { tells: () => lines(used(), result()) },
  'requests that were never offered': {
    asks: () =>
      lines(
        { type: 'control_request', request_id: 'm', request: { subtype: 'mcp_message', server_name: 's' } },
        { type: 'control_request', request_id: 'h', request: { subtype: 'hook_callback', callback_id: 'x' } },
        { type: 'control_request', request_id: 'n', request: { subtype: 'never_heard_of' } },
      ),
    refused: (answer) => (answer as { response?: { subtype: string } }).response?.subtype === 'error',
    ends,
  },
  'news outside of the specification': {
    tells: () =>
      lines(
        { type: 'auth_status', isAuthenticating: false, ...common },
        { type: 'system', subtype: 'never_heard_of', ...common },
        { type: 'rate_limit_event', rate: 1, ...common },
        { type: 'control_response', response: { subtype: 'success', request_id: 'never-asked' } },
        { type: 'control_cancel_request', request_id: 'never-asked' },
      ),
    ends,
  },
  'a question taken back': {
    asks: () => lines(use(), permission()),
    takes: () => lines({ type: 'control_cancel_request', request_id: 'perm-1' }),
    ends,
  },
  'a turn that nobody asked for': {
    ends,
    tells: () =>
      lines(
        { type: 'system', subtype: 'init', cwd: '/w', model: 'm', permissionMode: 'default', ...common },
        event({ type: 'message_start', message: { id: 'msg_2' } }),
        message('assistant', { type: 'text', text: 'It has ended.' }),
        result(),
      ),
  },
  'words after the end of the turn': {
    ends,
    after: () => lines({ type: 'system', subtype: 'local_command_output', content: LATE, ...common }, used()),
  },
  'the past, told as if it were new': { never: 'Of a session that it resumes it tells no past.' },
  'the past, told when it was said to be over': { never: 'Of a session that it resumes it tells no past.' },
  'a call whose input changes until it is final': {
    tells: () =>
      lines(
        event({
          ...{ type: 'content_block_start', index: 1 },
          content_block: { type: 'tool_use', id: 'c1', name: 'Write', input: {} },
        }),
        event({
          ...{ type: 'content_block_delta', index: 1 },
          delta: { type: 'input_json_delta', partial_json: '{"file_path":"/w/fi' },
        }),
        use('/w/fin.txt'),
      ),
    // Its own hooks may have changed it by the time that it asks.
    asks: () => lines(permission(FINAL)),
    after: () => lines(used(), result()),
  },
};
