/** Anthropic's Messages API: named events, one numbered block after the other. */
import { type Json, object, objects, string, textsOf } from '../json.ts';
import { type Entry, saidByUser } from '../plan.ts';
import { type Api, type Request, replyId, sse } from './api.ts';

export const anthropic: Api = {
  name: 'anthropic',

  read(body) {
    return {
      stream: body.stream === true,
      conversation: {
        entries: objects(body.messages).flatMap(entriesOf),
        tools: objects(body.tools).map((tool) => ({
          name: string(tool.name),
          freeform: false,
          schema: object(tool.input_schema),
        })),
        system: textsIn(body.system).join('\n'),
        answer: object(object(body.output_config).format ?? body.output_format).schema,
      },
    };
  },

  encoder(request) {
    let index = -1;
    const event = (data: Json & { type: string }) => sse(data, data.type);
    const blockStart = (block: Json) =>
      event({ type: 'content_block_start', index: ++index, content_block: block });
    const blockDelta = (delta: Json) => event({ type: 'content_block_delta', index, delta });
    const blockStop = () => event({ type: 'content_block_stop', index });
    return {
      begin: () =>
        event({ type: 'message_start', message: { ...message(request), content: [], stop_reason: null } }) +
        event({ type: 'ping' }),
      open: (block) =>
        blockStart(
          block === 'think' ? { type: 'thinking', thinking: '', signature: '' } : { type: 'text', text: '' },
        ),
      delta: (block, text) =>
        blockDelta(
          block === 'think' ? { type: 'thinking_delta', thinking: text } : { type: 'text_delta', text },
        ),
      close: (block) =>
        (block === 'think' ? blockDelta({ type: 'signature_delta', signature: SIGNATURE }) : '') +
        blockStop(),
      call: (id, call) =>
        blockStart({ type: 'tool_use', id: `toolu_${id}`, name: call.name, input: {} }) +
        blockDelta({ type: 'input_json_delta', partial_json: '' }) +
        blockDelta({ type: 'input_json_delta', partial_json: JSON.stringify(call.input) }) +
        blockStop(),
      end: (stop, usage) =>
        event({
          type: 'message_delta',
          delta: { stop_reason: stop === 'call' ? 'tool_use' : 'end_turn', stop_sequence: null },
          usage: { output_tokens: usage.output },
        }) + event({ type: 'message_stop' }),
      failed: (text) => event({ type: 'error', error: { type: 'overloaded_error', message: text } }),
    };
  },

  whole({ think, text, calls, stop, usage }, request) {
    const content: Json[] = [];
    if (think !== '') content.push({ type: 'thinking', thinking: think, signature: SIGNATURE });
    if (text !== '') content.push({ type: 'text', text });
    for (const { id, call } of calls) {
      content.push({ type: 'tool_use', id: `toolu_${id}`, name: call.name, input: call.input });
    }
    return {
      ...message(request),
      content,
      stop_reason: stop === 'call' ? 'tool_use' : 'end_turn',
      usage: { input_tokens: usage.input, output_tokens: usage.output },
    };
  },

  failure: (status, message) => ({
    type: 'error',
    error: { type: status === 529 ? 'overloaded_error' : 'api_error', message },
  }),
};

/** Agents give it back unread. */
const SIGNATURE = 'c2NyaXB0ZWQ=';

function message(request: Request): Json {
  return {
    id: replyId('msg', request),
    type: 'message',
    role: 'assistant',
    model: request.model,
    stop_sequence: null,
    usage: { input_tokens: request.inputTokens, output_tokens: 0 },
  };
}

function entriesOf({ role, content }: Json): Entry[] {
  if (role !== 'assistant') return [...resultsIn(content), ...saidByUser(textsIn(content))];
  const calls = objects(content).filter((block) => block.type === 'tool_use');
  return [{ from: 'assistant', calls: calls.length }];
}

/** Without the results of tools, which may hold texts of their own. */
function textsIn(content: unknown): string[] {
  return textsOf(content, (block) => block.type === 'text');
}

function resultsIn(content: unknown): Entry[] {
  const results = objects(content).filter((block) => block.type === 'tool_result');
  return results.map((block) => ({ from: 'tool', text: textsOf(block.content).join('\n') }));
}
