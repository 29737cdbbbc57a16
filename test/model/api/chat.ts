/** OpenAI's Chat Completions: unnamed chunks of one choice, a last one with the usage, then `[DONE]`. */
import { type Json, list, object, objects, string, textsOf } from '../json.ts';
import { type Entry, saidByUser } from '../plan.ts';
import type { Call } from '../tools.ts';
import { type Api, type Request, replyId, sse } from './api.ts';

export const chat: Api = {
  name: 'chat',

  read(body) {
    const messages = objects(body.messages);
    const format = object(body.response_format);
    return {
      stream: body.stream === true,
      conversation: {
        entries: messages.flatMap(entriesOf),
        tools: objects(body.tools).map(({ function: tool }) => ({
          name: string(object(tool).name),
          freeform: false,
          schema: object(object(tool).parameters),
        })),
        system: messages
          .map((message) => (isSystem(message) ? textsOf(message.content).join('\n') : ''))
          .join('\n'),
        answer:
          format.type === 'json_schema'
            ? object(format.json_schema).schema
            : format.type === 'json_object'
              ? {}
              : undefined,
      },
    };
  },

  encoder(request) {
    let calls = 0;
    const chunk = (delta: Json, finish: string | null = null) =>
      sse({ ...head(request, '.chunk'), choices: [{ index: 0, delta, finish_reason: finish }] });
    return {
      begin: () => chunk({ role: 'assistant', content: '' }),
      open: () => '',
      delta: (block, text) => chunk(block === 'think' ? { reasoning_content: text } : { content: text }),
      close: () => '',
      call: (id, call) => {
        const index = calls++;
        const args = argumentsOf(call);
        const half = Math.ceil(args.length / 2);
        const more = (text: string) => chunk({ tool_calls: [{ index, function: { arguments: text } }] });
        return (
          chunk({
            tool_calls: [{ index, id, type: 'function', function: { name: call.name, arguments: '' } }],
          }) +
          more(args.slice(0, half)) +
          more(args.slice(half))
        );
      },
      end: (stop, usage) =>
        chunk({}, stop === 'call' ? 'tool_calls' : 'stop') +
        sse({ ...head(request, '.chunk'), choices: [], usage: usageOf(usage) }) +
        sse('[DONE]'),
      failed: (message) => sse({ error: { message, type: 'server_error' } }) + sse('[DONE]'),
    };
  },

  whole({ think, text, calls, stop, usage }, request) {
    const message: Json = { role: 'assistant', content: text };
    if (think !== '') message.reasoning_content = think;
    if (calls.length > 0) {
      message.tool_calls = calls.map(({ id, call }) => ({
        id,
        type: 'function',
        function: { name: call.name, arguments: argumentsOf(call) },
      }));
    }
    const finish = stop === 'call' ? 'tool_calls' : 'stop';
    return {
      ...head(request, ''),
      choices: [{ index: 0, message, finish_reason: finish }],
      usage: usageOf(usage),
    };
  },

  failure: (_status, message) => ({ error: { message, type: 'server_error', code: null } }),
};

function head(request: Request, kind: string): Json {
  return {
    id: replyId('chatcmpl', request),
    object: `chat.completion${kind}`,
    created: 0,
    model: request.model,
  };
}

/** Here even free text travels as a JSON string. */
function argumentsOf(call: Call): string {
  return JSON.stringify(call.freeform ? { input: call.input } : call.input);
}

function usageOf({ input, output }: { input: number; output: number }): Json {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

function isSystem(message: Json): boolean {
  return message.role === 'system' || message.role === 'developer';
}

function entriesOf(message: Json): Entry[] {
  if (message.role === 'user') return saidByUser(textsOf(message.content));
  if (message.role === 'tool') return [{ from: 'tool', text: textsOf(message.content).join('\n') }];
  if (message.role === 'assistant') return [{ from: 'assistant', calls: list(message.tool_calls).length }];
  return [];
}
