/** Values that cannot be made a text: JSON has objects whose own `toString` is no function (rule A2). */
import { expect, test } from 'vitest';
import { acp } from './acp/step.ts';
import { claude } from './claude/step.ts';
import { codex } from './codex/step.ts';
import type { Driver } from './driver.ts';
import { Play } from './play.fixture.ts';

const NO_TEXT = { toString: 1, valueOf: 1 };
const lines = (...messages: object[]): string[] => messages.map((one) => JSON.stringify(one));

test('[A2] Claude Code may send what cannot be made a text wherever a text is expected', () => {
  const play = new Play(claude as Driver);
  const todos = [{ content: NO_TEXT, status: NO_TEXT }];
  const call = { type: 'tool_use', id: 'c', name: 'TodoWrite', input: { todos } };
  play.print(...lines({ type: 'control_response', response: { subtype: 'success', request_id: 'skein-1' } }));
  play.prompt('p1');
  play.print(
    ...lines(
      { type: NO_TEXT },
      { type: 'system', subtype: NO_TEXT },
      { type: 'assistant', message: { content: [call] } },
      { type: 'result', subtype: 'error_during_execution', errors: [NO_TEXT, 'why'] },
    ),
  );
  expect(play.of('agent.note')).toHaveLength(2);
  expect(play.of('plan.set')).toMatchObject([{ entries: [{ state: 'pending' }] }]);
  expect(play.of('turn.ended')).toMatchObject([
    { reason: 'failed', message: expect.stringContaining('why') },
  ]);
});

test('[A2] an agent of JSON-RPC may send it as the id of a request, which is then none', () => {
  const params = {
    ...{ threadId: 's', turnId: 'T', serverName: 'm', sessionId: 's' },
    _meta: { codex_approval_kind: 'mcp_tool_call', tool_name: 't' },
    ...{ toolCall: { toolCallId: 'c' }, options: [{ optionId: 'y', name: 'Y', kind: 'allow_once' }] },
  };
  for (const [driver, method] of [
    [codex, 'mcpServer/elicitation/request'],
    [acp, 'session/request_permission'],
  ] as const) {
    const play = new Play(driver as Driver);
    play.print(...lines({ id: NO_TEXT, method, params }));
    expect(play.of('agent.fault')).toMatchObject([{ code: 'agent_bad_message' }]);
    expect(play.of('approval.asked')).toEqual([]);
  }
});
