/** OpenAI's Responses API: named, numbered events; each output item is added, filled and done; the whole comes at the end. */
import { type Json, object, objects, string, textsOf } from '../json.ts';
import { type Entry, saidByUser } from '../plan.ts';
import type { Call, Tool } from '../tools.ts';
import { type Api, type Request, replyId, sse } from './api.ts';

const CALLS = new Set(['function_call', 'custom_tool_call', 'local_shell_call']);
const RESULTS = new Set(['function_call_output', 'custom_tool_call_output', 'local_shell_call_output']);

export const responses: Api = {
  name: 'responses',

  read(body) {
    const items =
      typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : objects(body.input);
    return {
      stream: body.stream === true,
      conversation: {
        entries: items.flatMap(entriesOf),
        tools: objects(body.tools).flatMap((tool) =>
          tool.type === 'namespace'
            ? objects(tool.tools).map((one) => ({ ...toolIn(one), group: string(tool.name) }))
            : [toolIn(tool)],
        ),
        system: [
          string(body.instructions),
          ...items.map((item) => (isSystem(item) ? textsOf(item.content).join('\n') : '')),
        ].join('\n'),
        answer: object(object(body.text).format).schema,
      },
    };
  },

  encoder(request) {
    const output: Json[] = [];
    let sequence = 0;
    const event = (type: string, data: Json) => sse({ type, sequence_number: sequence++, ...data }, type);
    const place = () => ({ output_index: output.length });
    const added = (item: Json) => event('response.output_item.added', { ...place(), item });
    const done = (item: Json) => {
      const text = event('response.output_item.done', { ...place(), item });
      output.push(item);
      return text;
    };
    const idOf = (kind: string) => `${replyId(kind, request)}_${output.length}`;
    const inText = () => ({ item_id: idOf('msg'), ...place(), content_index: 0 });
    const inThought = () => ({ item_id: idOf('rs'), ...place(), summary_index: 0 });
    return {
      begin: () => {
        const response = envelope(request, 'in_progress', []);
        return event('response.created', { response }) + event('response.in_progress', { response });
      },
      open: (block) =>
        block === 'think'
          ? added({ ...thought(idOf('rs'), ''), summary: [] }) +
            event('response.reasoning_summary_part.added', { ...inThought(), part: summary('') })
          : added({ ...said(idOf('msg'), ''), status: 'in_progress', content: [] }) +
            event('response.content_part.added', { ...inText(), part: outputText('') }),
      delta: (block, delta) =>
        block === 'think'
          ? event('response.reasoning_summary_text.delta', { ...inThought(), delta })
          : event('response.output_text.delta', { ...inText(), delta, logprobs: [] }),
      close: (block, text) =>
        block === 'think'
          ? event('response.reasoning_summary_text.done', { ...inThought(), text }) +
            event('response.reasoning_summary_part.done', { ...inThought(), part: summary(text) }) +
            done(thought(idOf('rs'), text))
          : event('response.output_text.done', { ...inText(), text, logprobs: [] }) +
            event('response.content_part.done', { ...inText(), part: outputText(text) }) +
            done(said(idOf('msg'), text)),
      call: (id, call) => {
        const item = called(id, call);
        const at = { item_id: item.id, ...place() };
        if (call.freeform) {
          return (
            added({ ...item, status: 'in_progress', input: '' }) +
            event('response.custom_tool_call_input.delta', { ...at, delta: call.input }) +
            event('response.custom_tool_call_input.done', { ...at, input: call.input }) +
            done(item)
          );
        }
        const text = JSON.stringify(call.input);
        return (
          added({ ...item, status: 'in_progress', arguments: '' }) +
          event('response.function_call_arguments.delta', { ...at, delta: text }) +
          event('response.function_call_arguments.done', { ...at, arguments: text }) +
          done(item)
        );
      },
      end: (_stop, usage) =>
        event('response.completed', {
          response: { ...envelope(request, 'completed', output), usage: usageOf(usage) },
        }),
      failed: (message) =>
        event('response.failed', {
          response: { ...envelope(request, 'failed', output), error: { code: 'server_error', message } },
        }),
    };
  },

  whole({ think, text, calls, usage }, request) {
    const output: Json[] = [];
    if (think !== '') output.push(thought(`${replyId('rs', request)}_0`, think));
    if (text !== '') output.push(said(`${replyId('msg', request)}_0`, text));
    for (const { id, call } of calls) output.push(called(id, call));
    return { ...envelope(request, 'completed', output), usage: usageOf(usage) };
  },

  failure: (_status, message) => ({ error: { message, type: 'server_error', code: null, param: null } }),
};

function toolIn(tool: Json): Tool {
  return {
    name: string(tool.name) || string(tool.type),
    freeform: tool.type === 'custom',
    schema: object(tool.parameters),
  };
}

function envelope(request: Request, status: string, output: Json[]): Json {
  return {
    id: replyId('resp', request),
    object: 'response',
    created_at: 0,
    status,
    model: request.model,
    output: [...output],
    error: null,
    usage: null,
  };
}

const summary = (text: string): Json => ({ type: 'summary_text', text });
const outputText = (text: string): Json => ({ type: 'output_text', text, annotations: [], logprobs: [] });

function thought(id: string, text: string): Json {
  return { type: 'reasoning', id, summary: [summary(text)], encrypted_content: null };
}

function said(id: string, text: string): Json {
  return { type: 'message', id, role: 'assistant', status: 'completed', content: [outputText(text)] };
}

function called(id: string, call: Call): Json {
  const item = { call_id: id, name: call.name, status: 'completed' };
  if (call.freeform) return { type: 'custom_tool_call', id: `ctc_${id}`, ...item, input: call.input };
  const group = call.group === undefined ? {} : { namespace: call.group };
  return { type: 'function_call', id: `fc_${id}`, ...item, ...group, arguments: JSON.stringify(call.input) };
}

function usageOf({ input, output }: { input: number; output: number }): Json {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  };
}

function isSystem(item: Json): boolean {
  return item.role === 'system' || item.role === 'developer';
}

function entriesOf(item: Json): Entry[] {
  if (item.role === 'user') return saidByUser(textsOf(item.content));
  if (item.role === 'assistant') return [{ from: 'assistant', calls: 0 }];
  if (RESULTS.has(string(item.type))) return [{ from: 'tool', text: textsOf(item.output).join('\n') }];
  return CALLS.has(string(item.type)) ? [{ from: 'assistant', calls: 1 }] : [];
}
