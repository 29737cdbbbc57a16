/** An agent in a terminal, made of its hooks and what it shows, for the contract. */
import {
  type FakeAgent,
  type FakeScript,
  type FakeStep,
  FakeTurns,
  type Reply,
  type Said,
} from '../fake.fixture.ts';

export const IDLE = `${'─'.repeat(20)}\n❯ \n${'─'.repeat(20)}\n  ? for shortcuts`;
export const WORKING = `✻ Perusing…\n❯ \n  esc to interrupt`;
export const ASKING = ' Do you want to create a.txt?\n ❯ 1. Yes\n   2. No\n\n Esc to cancel';
const AT_REST = 60_000;

const PASTE = /^\x1b\[200~(.*)\x1b\[201~$/s;

export function fakeTerminal(script: FakeScript): FakeAgent {
  const turns = new FakeTurns();
  let reports = 0;
  let turn = 0;
  const hook = (name: string, data: object, waits = false, id = `r${++reports}`) => ({
    ...{ id, hook: name, data: { session_id: script.session, prompt_id: `theirs-${turn}`, ...data } },
    ...(waits ? { waits } : {}),
  });
  const screen = (text: string, still = 0) => `@${JSON.stringify({ type: 'screen', text, still })}`;

  function* play(steps: readonly FakeStep[], prompt: string): Generator<Said, void, Reply> {
    let said = '';
    let late = '';
    yield { print: hook('UserPromptSubmit', { prompt }) };
    yield { print: screen(WORKING) };
    for (const step of steps) {
      switch (step.do) {
        case 'say':
          said = step.text;
          break;
        case 'think':
          break;
        case 'late':
          late = step.text;
          break;
        case 'hang':
          yield { wait: 'cancel' };
          yield { print: screen(IDLE, AT_REST) };
          return;
        case 'fail':
          yield {
            print: hook('StopFailure', { error: 'server_error', last_assistant_message: 'API Error: 500' }),
          };
          yield { print: screen(IDLE, AT_REST) };
          return;
        case 'print':
          yield { print: step.line };
          break;
        case 'strange':
          yield { print: hook('PreCompact', { trigger: 'auto' }) };
          yield { print: hook('Elicitation', { a: 1 }) };
          break;
        case 'write': {
          const about = { tool_name: 'Write', tool_input: { file_path: step.path, content: step.content } };
          const named = { ...about, tool_use_id: step.call };
          if (!step.silent) yield { print: hook('PreToolUse', named) };
          if (step.ask) {
            const id = step.silent ? step.call : `ask-${step.call}`;
            yield { print: hook('PermissionRequest', about, true, id) };
            yield { print: screen(ASKING) };
            const reply: Reply = yield { wait: { answer: id } };
            if (reply === 'cancelled') {
              yield { print: { id: `gone-${++reports}`, gone: id } };
              yield { print: screen(IDLE, AT_REST) };
              return;
            }
            const text = (reply?.answer as string) || '{}';
            const { hookSpecificOutput: output } = JSON.parse(text) as {
              hookSpecificOutput?: { decision: { behavior: string } };
            };
            yield { print: screen(WORKING) };
            if (output?.decision.behavior !== 'allow') break;
          }
          yield { print: hook('PostToolUse', { ...named, tool_response: { type: 'create' } }) };
        }
      }
    }
    yield { print: hook('Stop', said === '' ? {} : { last_assistant_message: said }) };
    yield { print: screen(IDLE, AT_REST) };
    if (late !== '') yield { print: hook('Notification', { message: late }) };
  }

  return {
    begin: () => [JSON.stringify(hook('SessionStart', { source: 'startup' })), screen(IDLE, AT_REST)],
    input: (line) => (line.startsWith('@') ? JSON.parse(line.slice(1)) : undefined),
    receive(line) {
      if (line === '\x1b') return turns.cancel();
      const prompt = PASTE.exec(line)?.[1];
      if (prompt !== undefined) return turns.begin(play(script.turns[turn++] ?? [], prompt));
      if (!line.startsWith('{')) return [];
      const { request, text } = JSON.parse(line) as { request: string; text: string };
      return turns.answer(request, text);
    },
  };
}
