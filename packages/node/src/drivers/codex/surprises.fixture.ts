/** The surprises of surprises.fixture.ts as they come by the app-server of Codex. */
import { FINAL, LATE, lines, type Surprises } from '../surprises.fixture.ts';

const threadId = 'session-1';
const turnId = 'turn_0';
const notify = (method: string, params: object) => ({ method, params: { threadId, turnId, ...params } });
const change = (path = '/w/a.txt') => ({
  ...{ type: 'fileChange', id: 'c1' },
  changes: [{ path, kind: { type: 'add' }, diff: 'AAA' }],
});
const started = (path?: string) =>
  notify('item/started', { item: { ...change(path), status: 'inProgress' } });
const completed = (status: string, path?: string) =>
  notify('item/completed', { item: { ...change(path), status } });
const said = (text: string) =>
  notify('item/completed', { item: { type: 'agentMessage', id: `said ${text}`, text } });
const permission = () => ({
  ...{ id: 0, method: 'item/fileChange/requestApproval' },
  params: { threadId, turnId, itemId: 'c1', reason: null },
});
const resolved = () => notify('serverRequest/resolved', { requestId: 0 });
const end = (status = 'completed') =>
  notify('turn/completed', { turn: { id: turnId, items: [], status, error: null } });
const ends = () => lines(end());

export const codexSurprises: Surprises = {
  'a refusal, and the turn goes on': {
    asks: () => lines(started(), permission()),
    after: () => lines(resolved(), completed('declined'), said('Then not.'), end()),
  },
  'a refusal that ends the turn, as if it were done': {
    asks: () => lines(started(), permission()),
    after: () => lines(resolved(), end()),
  },
  'a refusal that cancels the turn': {
    asks: () => lines(started(), permission()),
    after: () => lines(resolved(), completed('declined'), end('interrupted')),
  },
  'permission asked for a call that was never announced': {
    asks: () => lines(permission()),
    after: () => lines(resolved(), completed('completed'), end()),
  },
  'news of a call that was never announced': {
    tells: () =>
      lines(
        notify('item/fileChange/patchUpdated', { itemId: 'c1', changes: change().changes }),
        completed('completed'),
        end(),
      ),
  },
  'requests that were never offered': {
    asks: () =>
      lines(
        { id: 'tool', method: 'item/tool/call', params: { threadId, turnId } },
        { id: 7, method: 'account/chatgptAuthTokens/refresh', params: {} },
        { id: 8, method: 'craft/drainMidTurnQueue' },
      ),
    refused: (answer) => (answer as { error?: { code: number } }).error?.code === -32601,
    ends,
  },
  'news outside of the specification': {
    tells: () =>
      lines(
        notify('never/heardOf', {}),
        { method: '$/cancel_request', params: { requestId: 99 } },
        { method: '_auth/status_update' },
        notify('item/completed', { item: { type: 'neverHeardOf', id: 'x' } }),
        { id: 99, result: {} },
      ),
    ends,
  },
  'a question taken back': {
    asks: () => lines(started(), permission()),
    takes: () => lines(resolved()),
    ends,
  },
  'a turn that nobody asked for': {
    ends,
    tells: () => {
      const turn = { id: 'theirs', items: [], error: null };
      return lines(
        notify('turn/started', { turnId: 'theirs', turn: { ...turn, status: 'inProgress' } }),
        said('It has ended.'),
        notify('turn/completed', { turnId: 'theirs', turn: { ...turn, status: 'completed' } }),
      );
    },
  },
  'words after the end of the turn': { ends, after: () => lines(said(LATE), completed('completed')) },
  'the past, told as if it were new': true,
  'the past, told when it was said to be over': {
    never: 'A thread’s past comes in the answer that begins it, whole, and in nothing else.',
  },
  'a call whose input changes until it is final': {
    tells: () =>
      lines(
        started('/w/fi'),
        notify('item/fileChange/patchUpdated', { itemId: 'c1', changes: change('/w/fin.txt').changes }),
        notify('item/fileChange/patchUpdated', { itemId: 'c1', changes: change(FINAL).changes }),
      ),
    asks: () => lines(permission()),
    after: () => lines(resolved(), completed('completed', FINAL), end()),
  },
};
