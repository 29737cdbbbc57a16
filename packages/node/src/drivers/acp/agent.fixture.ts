/** An agent that speaks ACP version 1, as several were seen on the wire, played without any. */
import {
  type FakeAgent,
  type FakeScript,
  FakeTurns,
  halves,
  type Reply,
  type Said,
} from '../fake.fixture.ts';

export function fakeAcp(script: FakeScript): FakeAgent {
  const { session } = script;
  const turns = new FakeTurns();
  let prompts = 0;
  let requests = 100;
  /** The client has said that it reads and writes files. */
  let files = false;
  const update = (what: object) => ({
    print: { jsonrpc: '2.0', method: 'session/update', params: { sessionId: session, update: what } },
  });
  const chunk = (sessionUpdate: string, text: string) =>
    update({ sessionUpdate, content: { type: 'text', text } });

  function* turn(id: unknown): Generator<Said, void, Reply> {
    const late: string[] = [];
    const end = (stopReason: string) => ({ print: { jsonrpc: '2.0', id, result: { stopReason } } });
    for (const step of script.turns[prompts++] ?? []) {
      if (step.do === 'think') for (const half of halves(step.text)) yield chunk('agent_thought_chunk', half);
      if (step.do === 'say') for (const half of halves(step.text)) yield chunk('agent_message_chunk', half);
      if (step.do === 'print') yield { print: step.line };
      if (step.do === 'late') late.push(step.text);
      if (step.do === 'strange') {
        yield update({ sessionUpdate: 'never_heard_of', a: 1 });
        yield { print: { jsonrpc: '2.0', method: '_auth/status_update', params: {} } };
        const request = ++requests;
        const params = { sessionId: session, path: '/w/x', content: '' };
        const method = files ? 'terminal/create' : 'fs/write_text_file';
        yield { print: { jsonrpc: '2.0', id: request, method, params } };
        yield { wait: { answer: request } };
      }
      if (step.do === 'file') {
        const request = ++requests;
        const { path, text: content } = step;
        const method = content === undefined ? 'fs/read_text_file' : 'fs/write_text_file';
        const params = { sessionId: session, path, ...(content === undefined ? {} : { content }) };
        yield { print: { jsonrpc: '2.0', id: request, method, params } };
        const told = (yield { wait: { answer: request } }) as { answer: object };
        yield chunk('agent_message_chunk', JSON.stringify(told.answer));
      }
      if (step.do === 'hang') {
        yield { wait: 'cancel' };
        yield end('cancelled');
        return;
      }
      if (step.do === 'fail') {
        yield { print: { jsonrpc: '2.0', id, error: { code: -32603, message: 'Error 500' } } };
        return;
      }
      if (step.do === 'write') {
        const { call: toolCallId, path, content } = step;
        const known = { toolCallId, kind: 'edit', title: `Write ${path}`, locations: [{ path }] };
        if (!step.silent)
          yield update({ sessionUpdate: 'tool_call', ...known, status: 'pending', rawInput: {} });
        let allowed = true;
        if (step.ask) {
          const request = ++requests;
          const params = {
            sessionId: session,
            toolCall: {
              ...known,
              rawInput: { path, content },
              content: [{ type: 'diff', path, newText: content }],
            },
            options: [
              { optionId: 'once', kind: 'allow_once', name: 'Allow once' },
              { optionId: 'always', kind: 'allow_always', name: 'Always' },
              { optionId: 'reject', kind: 'reject_once', name: 'Reject' },
            ],
          };
          yield { print: { jsonrpc: '2.0', id: request, method: 'session/request_permission', params } };
          const told = yield { wait: { answer: request } };
          const outcome = (told as { answer: { outcome: { outcome: string; optionId?: string } } }).answer
            .outcome;
          if (outcome.outcome === 'cancelled') {
            yield end('cancelled');
            return;
          }
          allowed = outcome.optionId !== 'reject';
        }
        yield update({
          sessionUpdate: 'tool_call_update',
          toolCallId,
          status: allowed ? 'completed' : 'failed',
          rawOutput: { output: allowed ? 'Written.' : 'Rejected.' },
        });
      }
    }
    yield end('end_turn');
    for (const text of late) yield chunk('agent_message_chunk', text);
  }

  const past = () =>
    (script.history ?? []).flatMap(({ prompt, reply }) =>
      [chunk('user_message_chunk', prompt), chunk('agent_message_chunk', reply)].map(({ print }) =>
        JSON.stringify(print),
      ),
    );

  return {
    receive(line) {
      const { id, method, params, result, error } = JSON.parse(line);
      const answer = (value: object) => JSON.stringify({ jsonrpc: '2.0', id, result: value });
      switch (method) {
        case 'initialize':
          files = params.clientCapabilities.fs.writeTextFile;
          return [
            answer({
              protocolVersion: 1,
              agentCapabilities: { loadSession: true },
              agentInfo: { name: 'fake', version: '1' },
            }),
          ];
        case 'session/new':
          return [answer({ sessionId: session })];
        case 'session/load':
          return [...past(), answer({})];
        case 'session/prompt':
          return params.sessionId === session ? turns.begin(turn(id)) : [];
        case 'session/cancel':
          // Where it waits for an answer, the client's answer ends it.
          return turns.asking ? [] : turns.cancel();
        case undefined:
          return turns.answer(id, result ?? error);
        default:
          return [answer({})];
      }
    },
  };
}
