/** The surprises of surprises.fixture.ts as they come by ACP. */
import type { Play } from '../play.fixture.ts';
import { FINAL, LATE, lines, type Surprises } from '../surprises.fixture.ts';

const sessionId = 'session-1';
const update = (what: object) => ({
  ...{ jsonrpc: '2.0', method: 'session/update' },
  params: { sessionId, update: what },
});
const chunk = (text: string) =>
  update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });
const call = (path: string, more: object = {}) => ({
  ...{ toolCallId: 'c1', kind: 'edit', title: `Write ${path}`, locations: [{ path }], rawInput: { path } },
  ...more,
});
const permission = (path = '/w/a.txt') => ({
  ...{ jsonrpc: '2.0', id: 0, method: 'session/request_permission' },
  params: {
    sessionId,
    toolCall: call(path),
    options: [
      { optionId: 'once', kind: 'allow_once', name: 'Allow once' },
      { optionId: 'reject', kind: 'reject_once', name: 'Reject' },
    ],
  },
});
const announced = (path = '/w/a.txt') =>
  update({ sessionUpdate: 'tool_call', ...call(path, { status: 'pending' }) });
const told = (status: string, more: object = {}) =>
  update({ sessionUpdate: 'tool_call_update', toolCallId: 'c1', status, ...more });

/** The answer to the prompt that was given last. */
function end(play: Play, stopReason = 'end_turn'): object {
  const prompts = play.written as { id: number; method?: string }[];
  return {
    jsonrpc: '2.0',
    id: prompts.findLast(({ method }) => method === 'session/prompt')?.id,
    result: { stopReason },
  };
}
const ends = (play: Play) => lines(end(play));

export const acpSurprises: Surprises = {
  'a refusal, and the turn goes on': {
    asks: () => lines(announced(), permission()),
    after: (play) => lines(told('failed'), chunk('Then not.'), end(play)),
  },
  'a refusal that ends the turn, as if it were done': {
    asks: () => lines(announced(), permission()),
    after: ends,
  },
  'a refusal that cancels the turn': {
    asks: () => lines(announced(), permission()),
    after: (play) => lines(end(play, 'cancelled')),
  },
  'permission asked for a call that was never announced': {
    asks: () => lines(permission()),
    after: (play) => lines(told('completed'), end(play)),
  },
  'news of a call that was never announced': {
    tells: (play) => lines(told('in_progress', call('/w/a.txt')), told('completed'), end(play)),
  },
  'requests that were never offered': {
    asks: ({ spec }) =>
      lines(
        {
          ...{ jsonrpc: '2.0', id: 'w' },
          // Where the node does write files for it, something else that it does not do.
          method: spec.files === true ? 'fs/remove_file' : 'fs/write_text_file',
          params: { sessionId, path: '/w/x', content: '' },
        },
        { jsonrpc: '2.0', id: 0, method: 'craft/drainMidTurnQueue', params: { sessionId } },
        { jsonrpc: '2.0', id: 7, method: 'terminal/create' },
      ),
    refused: (answer) => (answer as { error?: { code: number } }).error?.code === -32601,
    ends,
  },
  'news outside of the specification': {
    tells: () =>
      lines(
        { jsonrpc: '2.0', method: '_auth/status_update', params: { account: null } },
        { jsonrpc: '2.0', method: '$/cancel_request', params: { requestId: 99 } },
        { jsonrpc: '2.0', method: '$/cancel_request' },
        update({ sessionUpdate: 'never_heard_of', a: 1 }),
        { jsonrpc: '2.0', id: 99, result: {} },
      ),
    ends,
  },
  'a question taken back': {
    asks: () => lines(announced(), permission()),
    takes: () => lines({ jsonrpc: '2.0', method: '$/cancel_request', params: { requestId: 0 } }),
    ends,
  },
  'a turn that nobody asked for': {
    never: 'A turn is the answer to a prompt; what comes without one is of the turn before it.',
  },
  'words after the end of the turn': { ends, after: () => lines(chunk(LATE), told('in_progress')) },
  'the past, told as if it were new': true,
  'the past, told when it was said to be over': {
    tells: () =>
      lines(
        update({ sessionUpdate: 'user_message_chunk', content: { type: 'text', text: 'Before' } }),
        announced(),
        told('completed'),
        chunk(LATE),
      ),
  },
  'a call whose input changes until it is final': {
    tells: () =>
      lines(
        update({
          sessionUpdate: 'tool_call',
          toolCallId: 'c1',
          title: 'write',
          status: 'pending',
          rawInput: {},
        }),
        told('pending', call('/w/fi')),
        told('pending', call('/w/fin.txt')),
      ),
    asks: () => lines(permission(FINAL)),
    after: (play) => lines(told('in_progress', call(FINAL)), told('completed'), end(play)),
  },
};
