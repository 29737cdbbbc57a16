/** Codex asks about tools of MCP servers as servers ask their users: a question like any other (rule A5). */
import { expect, test } from 'vitest';
import type { Driver } from '../driver.ts';
import { Play } from '../play.fixture.ts';
import { codex } from './step.ts';

const line = (method: string, params: object, id?: number) =>
  JSON.stringify({
    method,
    params: { threadId: 's', turnId: 'T', ...params },
    ...(id === undefined ? {} : { id }),
  });
const answer = (id: number, result: unknown) => JSON.stringify({ id, result });
const call = (id: string, tool: string) =>
  line('item/started', {
    item: { type: 'mcpToolCall', id, server: 'skein', tool, arguments: { text: 'x' } },
  });
const META = { codex_approval_kind: 'mcp_tool_call', tool_name: 'type', tool_params: { text: 'x' } };
const ask = (_meta: unknown, id = 0) =>
  line('mcpServer/elicitation/request', { serverName: 'skein', mode: 'form', message: '?', _meta }, id);

function begun(): Play {
  const play = new Play(codex as Driver, undefined, {});
  play.print(answer(1, { userAgent: 'skein/1.2.3 (x)' }), answer(2, { thread: { id: 's' }, model: 'm' }));
  play.prompt('p');
  play.print(answer(4, { turn: { id: 'T' } }), line('turn/started', { turn: { id: 'T' } }));
  return play;
}

test.each([
  ['allow_once', { action: 'accept', content: {}, _meta: null }],
  ['allow_always', { action: 'accept', content: {}, _meta: { persist: 'session' } }],
  ['deny_once', { action: 'decline', content: null, _meta: null }],
] as const)('[A5] a question about a tool is one about its call; %s is passed on', (kind, result) => {
  const play = begun();
  play.print(call('c0', 'list'), call('c1', 'type'), ask(META));
  expect(play.of('approval.asked')).toMatchObject([{ call: 'c1', name: 'skein.type', title: 'skein.type' }]);
  play.answer(kind);
  expect(play.written.at(-1)).toEqual({ id: 0, result });
});

test('[A5] of two calls of one name each has its question, and one that was never announced has one too', () => {
  const play = begun();
  play.print(call('c1', 'type'), call('c2', 'type'), ask(META), ask(META, 1), ask(META, 2));
  expect(play.of('approval.asked').map((one) => one.call)).toEqual(['c1', 'c2', 'tool-2']);
});

test("[A5] a server's own form is declined, as nobody here can fill it in", () => {
  const play = begun();
  play.print(ask({ something: 1 }), ask(null, 1));
  expect(play.of('approval.asked')).toEqual([]);
  const declined = { action: 'decline', content: null, _meta: null };
  expect(play.written.slice(-2)).toEqual([0, 1].map((id) => ({ id, result: declined })));
});
