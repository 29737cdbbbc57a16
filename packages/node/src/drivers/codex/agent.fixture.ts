/** The app-server of Codex as it was seen on the wire (0.169.0), played without Codex. */
import {
  type FakeAgent,
  type FakeScript,
  FakeTurns,
  halves,
  type Reply,
  type Said,
} from '../fake.fixture.ts';

export function fakeCodex(script: FakeScript): FakeAgent {
  const threadId = script.session;
  const turns = new FakeTurns();
  let prompts = 0;
  let requests = 0;
  let items = 0;
  const notify = (method: string, params: object) => ({ print: { method, params: { threadId, ...params } } });

  function* turn(turnId: string): Generator<Said, void, Reply> {
    const late: string[] = [];
    const item = (method: string, what: object) => notify(`item/${method}`, { turnId, item: what });
    const ended = (status: string, error: object | null = null) =>
      notify('turn/completed', { turn: { id: turnId, items: [], status, error } });
    function* grown(type: 'agentMessage' | 'reasoning', text: string): Generator<Said> {
      const id = `item_${++items}`;
      const method = type === 'reasoning' ? 'reasoning/summaryTextDelta' : 'agentMessage/delta';
      const whole = (all: string) =>
        type === 'reasoning'
          ? { type, id, summary: all === '' ? [] : [all], content: [] }
          : { type, id, text: all };
      yield item('started', whole(''));
      for (const delta of halves(text))
        yield notify(`item/${method}`, { turnId, itemId: id, delta, summaryIndex: 0 });
      yield item('completed', whole(text));
    }
    yield notify('turn/started', { turn: { id: turnId, items: [], status: 'inProgress', error: null } });
    yield item('started', { type: 'userMessage', id: `item_${++items}`, content: [] });
    for (const step of script.turns[prompts++] ?? []) {
      if (step.do === 'think') yield* grown('reasoning', step.text);
      if (step.do === 'say') yield* grown('agentMessage', step.text);
      if (step.do === 'print') yield { print: step.line };
      if (step.do === 'late') late.push(step.text);
      if (step.do === 'strange') {
        yield notify('never/heardOf', {});
        yield item('completed', { type: 'contextCompaction', id: `item_${++items}` });
        const id = `strange-${++requests}`;
        yield { print: { id, method: 'item/tool/call', params: { threadId, turnId } } };
        yield { wait: { answer: id } };
      }
      if (step.do === 'hang') {
        yield { wait: 'cancel' };
        yield ended('interrupted');
        return;
      }
      if (step.do === 'fail') {
        const error = { message: 'Error 500', codexErrorInfo: null };
        yield notify('error', { turnId, error, willRetry: false });
        yield ended('failed', error);
        return;
      }
      if (step.do === 'write') {
        const { call: id, path, content } = step;
        const changes = [{ path, kind: { type: 'add' }, diff: content }];
        const known = { type: 'fileChange', id, changes };
        if (!step.silent) yield item('started', { ...known, status: 'inProgress' });
        let status = 'completed';
        if (step.ask) {
          const request = ++requests;
          const method = 'item/fileChange/requestApproval';
          yield { print: { id: request, method, params: { threadId, turnId, itemId: id, reason: null } } };
          const told = yield { wait: { answer: request } };
          yield notify('serverRequest/resolved', { requestId: request });
          if (told === 'cancelled') {
            yield ended('interrupted');
            return;
          }
          if ((told?.answer as { decision?: string } | undefined)?.decision === 'decline')
            status = 'declined';
        }
        yield item('completed', { ...known, status });
      }
    }
    yield ended('completed');
    for (const text of late) yield item('completed', { type: 'agentMessage', id: `item_${++items}`, text });
  }

  const history = () =>
    (script.history ?? []).map(({ prompt, reply }, index) => ({
      id: `old-${index}`,
      status: 'completed',
      items: [
        { type: 'userMessage', id: `u${index}`, content: [{ type: 'text', text: prompt }] },
        { type: 'agentMessage', id: `a${index}`, text: reply },
      ],
    }));

  return {
    receive(line) {
      const { id, method, params, result, error } = JSON.parse(line);
      const answer = (value: object) => JSON.stringify({ id, result: value });
      switch (method) {
        case 'initialize':
          return [answer({ userAgent: 'skein/0.169.0 (nowhere)' })];
        case 'thread/start':
          return [answer({ thread: { id: threadId, turns: [] }, model: 'm' })];
        case 'thread/resume':
          return [
            answer({ thread: { id: threadId, turns: params.excludeTurns ? [] : history() }, model: 'm' }),
          ];
        case 'turn/start': {
          const turnId = `turn_${prompts}`;
          const began = answer({ turn: { id: turnId, items: [], status: 'inProgress', error: null } });
          return [began, ...turns.begin(turn(turnId))];
        }
        case 'turn/interrupt':
          return [answer({}), ...turns.cancel()];
        case 'model/list':
          return [answer({ data: [{ model: 'm', displayName: 'M', description: '' }], nextCursor: null })];
        case undefined:
          return turns.answer(id, result ?? error);
        default:
          return [];
      }
    },
  };
}
