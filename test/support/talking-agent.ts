/**
 * An agent that speaks ACP and does what its prompts say, as a program of its own: one step a line, of those in `STEPS`.
 * Whatever is no step is said back. With TALKING_SCRIPT in its environment it does that instead, whatever it is told.
 */
import { createInterface } from 'node:readline';

const SESSION = 'talk-1';
let requests = 0;
let cancelled = false;
const waiting = new Map<number, (result: Record<string, unknown>) => void>();
const send = (frame: object): void => {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n`);
};
const update = (what: object) =>
  send({ method: 'session/update', params: { sessionId: SESSION, update: what } });
const chunk = (sessionUpdate: string, text: string) =>
  update({ sessionUpdate, content: { type: 'text', text } });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const STEPS: Record<string, (rest: string) => Promise<void> | void> = {
  say: (text) => chunk('agent_message_chunk', text.replaceAll('\\n', '\n').replaceAll('\\e', '\x1b')),
  think: (text) => chunk('agent_thought_chunk', text),
  /** `stream COUNT MS`: words, one after the other. */
  async stream(rest) {
    const [count = 0, ms = 0] = rest.split(' ').map(Number);
    for (let i = 1; i <= count && !cancelled; i++) {
      chunk('agent_message_chunk', i === count ? `word-${i}.` : `word-${i} `);
      if (ms > 0) await pause(ms);
    }
  },
  /** `burst COUNT`: calls, thoughts and words in turn, as fast as they are taken. */
  async burst(rest) {
    for (let i = 1; i <= Number(rest) && !cancelled; i++) {
      const toolCallId = `burst-${i}`;
      update({
        sessionUpdate: 'tool_call',
        toolCallId,
        kind: 'read',
        title: `Read file-${i}.ts`,
        status: 'pending',
      });
      update({
        sessionUpdate: 'tool_call_update',
        toolCallId,
        status: 'completed',
        rawOutput: { output: `text of ${i}` },
      });
      chunk('agent_thought_chunk', `Thinking of file ${i}.`);
      chunk('agent_message_chunk', `**File ${i}** is \`fine\`, and needs no change.\n\n- one\n- two\n`);
      if (i % 100 === 0) await pause(1);
    }
  },
  plan(text) {
    const entries = text.split(', ').map((content, i) => ({
      content,
      priority: 'medium',
      status: i === 0 ? 'completed' : i === 1 ? 'in_progress' : 'pending',
    }));
    update({ sessionUpdate: 'plan', entries });
  },
  /** `edit PATH OLD => NEW`: asks, and tells of it. */
  async edit(rest) {
    const [path = '', ...words] = rest.split(' ');
    const [oldText = '', newText = ''] = words.join(' ').replaceAll('\\n', '\n').split(' => ');
    const toolCallId = `call-${++requests}`;
    const content = [{ type: 'diff', path, oldText, newText }];
    const call = { toolCallId, kind: 'edit', title: `Edit ${path}`, locations: [{ path }], content };
    update({ sessionUpdate: 'tool_call', ...call, status: 'pending', rawInput: { path } });
    const allowed = await ask(call);
    update({ sessionUpdate: 'tool_call_update', toolCallId, status: allowed ? 'completed' : 'failed' });
    chunk('agent_message_chunk', allowed ? 'Edited.' : 'Left as it is.');
  },
  /** `ask COMMAND`: runs it only when it may. */
  async ask(command) {
    const toolCallId = `call-${++requests}`;
    const call = { toolCallId, kind: 'execute', title: command, rawInput: { command } };
    update({ sessionUpdate: 'tool_call', ...call, status: 'pending' });
    const allowed = await ask(call);
    update({ sessionUpdate: 'tool_call_update', toolCallId, status: allowed ? 'completed' : 'failed' });
    chunk('agent_message_chunk', allowed ? 'Done.' : 'Not done.');
  },
  run(command) {
    const toolCallId = `call-${++requests}`;
    const rawInput = { command };
    const call = { toolCallId, kind: 'execute', title: command, rawInput };
    update({ sessionUpdate: 'tool_call', ...call, status: 'in_progress' });
    const output = Array.from({ length: 12 }, (_, i) => `line ${i + 1} of ${command}`).join('\n');
    update({ sessionUpdate: 'tool_call_update', toolCallId, status: 'completed', rawOutput: { output } });
  },
};

async function ask(toolCall: object): Promise<boolean> {
  const id = 1000 + ++requests;
  const options = [
    { optionId: 'once', kind: 'allow_once', name: 'Allow once' },
    { optionId: 'always', kind: 'allow_always', name: 'Always' },
    { optionId: 'reject', kind: 'reject_once', name: 'Reject' },
  ];
  const answer = new Promise<Record<string, unknown>>((resolve) => waiting.set(id, resolve));
  send({ id, method: 'session/request_permission', params: { sessionId: SESSION, toolCall, options } });
  const { outcome } = (await answer) as { outcome?: { optionId?: string } };
  return outcome?.optionId !== undefined && outcome.optionId !== 'reject';
}

async function turn(id: unknown, text: string): Promise<void> {
  cancelled = false;
  if (text.length > 100_000) chunk('agent_message_chunk', `${text.length} letters.`);
  for (const line of text.length > 100_000 ? [] : (process.env.TALKING_SCRIPT ?? text).split('\n')) {
    if (cancelled) break;
    const [, word = '', rest = ''] = /^(\w+) ?(.*)$/.exec(line) ?? [];
    if (Object.hasOwn(STEPS, word)) await STEPS[word]?.(rest);
    else chunk('agent_message_chunk', `You said: ${line}`);
  }
  send({ id, result: { stopReason: cancelled ? 'cancelled' : 'end_turn' } });
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params, result } = JSON.parse(line);
  if (method === undefined) waiting.get(id)?.(result ?? {});
  else if (method === 'initialize') {
    const agentInfo = { name: 'talking', version: '1' };
    send({ id, result: { protocolVersion: 1, agentCapabilities: { loadSession: true }, agentInfo } });
  } else if (method === 'session/new') {
    send({
      id,
      result: {
        sessionId: SESSION,
        modes: {
          currentModeId: 'ask',
          availableModes: [
            { id: 'ask', name: 'Ask' },
            { id: 'plan', name: 'Plan' },
          ],
        },
      },
    });
    const availableCommands = [
      { name: 'review', description: 'look over the changes' },
      { name: 'init', description: 'begin' },
    ];
    update({ sessionUpdate: 'available_commands_update', availableCommands });
  } else if (method === 'session/prompt')
    void turn(id, params.prompt.map(({ text }: { text?: string }) => text ?? '').join('\n'));
  else if (method === 'session/cancel') cancelled = true;
  else if (id !== undefined) send({ id, result: {} });
});
