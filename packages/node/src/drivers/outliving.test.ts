/** Questions that are still open when a turn ends: those of agents in the background are, and no agent is left waiting (rule A5). */
import { expect, test } from 'vitest';
import { acp } from './acp/step.ts';
import { claude } from './claude/step.ts';
import { codex } from './codex/step.ts';
import type { Driver } from './driver.ts';
import { Play } from './play.fixture.ts';

const lines = (...messages: object[]): string[] => messages.map((one) => JSON.stringify(one));
const response = (request_id: string) => ({
  type: 'control_response',
  response: { subtype: 'success', request_id, response: { commands: [], models: [] } },
});
const asking = {
  ...{ type: 'control_request', request_id: 'q' },
  request: { subtype: 'can_use_tool', tool_name: 'Write', tool_use_id: 'c', input: { file_path: '/w/a' } },
};
const result = (fields: object = {}) => ({ type: 'result', subtype: 'success', is_error: false, ...fields });

function claudeAsking(): Play {
  const play = new Play(claude as Driver);
  play.print(...lines(response('skein-1')));
  play.prompt('p1');
  play.print(...lines(asking));
  return play;
}

function codexAsking(): Play {
  const play = new Play(codex as Driver);
  play.print(...lines({ id: 1, result: {} }, { id: 2, result: { thread: { id: 's' } } }));
  play.prompt('p1');
  const params = { threadId: 'below', turnId: 'B', itemId: 'c', command: 'ls' };
  play.print(
    ...lines(
      { id: 4, result: { turn: { id: 'T' } } },
      { id: 'q', method: 'item/commandExecution/requestApproval', params },
    ),
  );
  return play;
}
const completed = (status: string) => ({
  method: 'turn/completed',
  params: { threadId: 's', turn: { id: 'T', status } },
});

test('[A5] a question of an agent in the background stays when the turn of its chief is done, and is answered', () => {
  for (const [play, end] of [
    [claudeAsking(), result()],
    [codexAsking(), completed('completed')],
  ] as const) {
    play.print(...lines(end));
    expect(play.of('turn.ended')).toMatchObject([{ reason: 'done' }]);
    expect(play.of('approval.resolved')).toEqual([]);
    // Nor does it keep the next turn from beginning, or end with that.
    play.prompt('p2');
    expect(play.of('turn.started')).toHaveLength(2);
    play.answer('allow_once');
    expect(play.of('approval.resolved')).toMatchObject([{ outcome: 'allowed' }]);
    expect(JSON.stringify(play.written.at(-1))).toMatch(/"q".*(allow|accept)/);
  }
});

test('[A5] what an agent takes back after its turn is withdrawn', () => {
  const play = claudeAsking();
  play.print(...lines(result(), { type: 'control_cancel_request', request_id: 'q' }));
  expect(play.of('approval.resolved')).toMatchObject([{ outcome: 'withdrawn' }]);
});

test('[A5] a cancelled turn withdraws what is still asked, and says no, so that nobody waits for ever', () => {
  const one = claudeAsking();
  one.give({ type: 'cancel' });
  one.print(
    ...lines(response('skein-2'), result({ subtype: 'error_during_execution', terminal_reason: 'aborted' })),
  );
  expect(one.of('approval.resolved')).toMatchObject([{ outcome: 'withdrawn' }]);
  expect(JSON.stringify(one.written.at(-1))).toMatch(/"q".*deny/);
  const other = codexAsking();
  other.give({ type: 'cancel' });
  other.print(...lines(completed('interrupted')));
  expect(other.of('approval.resolved')).toMatchObject([{ outcome: 'withdrawn' }]);
  expect(JSON.stringify(other.written.at(-1))).toMatch(/"q".*decline/);
});

test('[A5] an agent of ACP that ends its turn without waiting for an answer gets one', () => {
  const play = new Play(acp as Driver);
  const rpc = (message: object) => ({ jsonrpc: '2.0', ...message });
  const options = [{ optionId: 'yes', name: 'Yes', kind: 'allow_once' }];
  const params = { sessionId: 's', toolCall: { toolCallId: 'c' }, options };
  play.print(
    ...lines(rpc({ id: 1, result: { protocolVersion: 1 } }), rpc({ id: 2, result: { sessionId: 's' } })),
  );
  play.prompt('p1');
  play.print(
    ...lines(
      rpc({ id: 'q', method: 'session/request_permission', params }),
      rpc({ id: 3, result: { stopReason: 'end_turn' } }),
    ),
  );
  expect(play.of('approval.resolved')).toMatchObject([{ outcome: 'withdrawn' }]);
  expect(play.written.at(-1)).toMatchObject({ id: 'q', result: { outcome: { outcome: 'cancelled' } } });
});
