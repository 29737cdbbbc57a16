/** Requests in the words of each API, and what a stream of its events adds up to. */
import { framesOf } from '../frames.ts';
import { type Json, object, objects, string } from '../json.ts';
import { nextReply } from '../plan.ts';
import type { Api, Request } from './api.ts';

export interface Event {
  name: string | undefined;
  data: Json;
}

/** What a stream told, as an agent would gather it. */
interface Told {
  think: string;
  text: string;
  calls: { name: string; input: unknown }[];
}

const schema = (...names: string[]) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
});
const TOOLS = { Write: schema('path', 'content'), Bash: schema('command'), Read: schema('path') };

/** A request for a reply to `text`, as each API has it. */
export const BODIES: Record<string, (text: string) => Json> = {
  anthropic: (text) => ({
    stream: true,
    system: [{ type: 'text', text: 'be kind' }],
    messages: [{ role: 'user', content: [{ type: 'text', text }] }],
    tools: Object.entries(TOOLS).map(([name, input_schema]) => ({ name, input_schema })),
  }),
  responses: (text) => ({
    stream: true,
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }],
    tools: Object.entries(TOOLS).map(([name, parameters]) => ({ type: 'function', name, parameters })),
  }),
  chat: (text) => ({
    stream: true,
    messages: [{ role: 'user', content: text }],
    tools: Object.entries(TOOLS).map(([name, parameters]) => ({
      type: 'function',
      function: { name, parameters },
    })),
  }),
  gemini: (text) => ({
    contents: [{ role: 'user', parts: [{ text }] }],
    tools: [
      {
        functionDeclarations: Object.entries(TOOLS).map(([name, parametersJsonSchema]) => ({
          name,
          parametersJsonSchema,
        })),
      },
    ],
  }),
};

export function requestOf(api: Api, body: Json): Request {
  return { ...api.read(body), model: 'scripted', inputTokens: 7 };
}

export function eventsOf(api: Api, body: Json): Event[] {
  const request = requestOf(api, body);
  const frames = [...framesOf(nextReply(request.conversation), api.encoder(request), 7)];
  const text = frames.map((frame) => (frame.frame === 'send' ? frame.text : '')).join('');
  const events = text.split('\n\n').filter((event) => event !== '' && event !== 'data: [DONE]');
  return events.map((event) => {
    const [, name, data] = /^(?:event: (\S+)\n)?data: (.*)$/s.exec(event) ?? [];
    return { name, data: object(JSON.parse(data ?? '')) };
  });
}

export const typesOf = (events: Event[]) => events.map(({ name }) => name);

export const GATHER: Record<string, (events: Event[]) => Told> = {
  anthropic(events) {
    const told: Told = { think: '', text: '', calls: [] };
    let json = '';
    for (const { data } of events) {
      const block = object(data.content_block);
      const delta = object(data.delta);
      if (block.type === 'tool_use') told.calls.push({ name: string(block.name), input: '' });
      told.think += string(delta.thinking);
      told.text += string(delta.text);
      json += string(delta.partial_json);
      const call = told.calls.at(-1);
      if (data.type === 'content_block_stop' && call !== undefined && json !== '') {
        call.input = JSON.parse(json);
        json = '';
      }
    }
    return told;
  },
  responses(events) {
    const output = objects(object(events.at(-1)?.data.response).output);
    return {
      think: output.flatMap((item) => objects(item.summary).map((part) => string(part.text))).join(''),
      text: output.flatMap((item) => objects(item.content).map((part) => string(part.text))).join(''),
      calls: output
        .filter((item) => item.type === 'function_call')
        .map((item) => ({ name: string(item.name), input: JSON.parse(string(item.arguments)) })),
    };
  },
  chat(events) {
    const told: Told = { think: '', text: '', calls: [] };
    for (const { data } of events) {
      const delta = object(objects(data.choices)[0]?.delta);
      told.think += string(delta.reasoning_content);
      told.text += string(delta.content);
      for (const call of objects(delta.tool_calls)) {
        const { name, arguments: args } = object(call.function);
        if (call.id !== undefined) told.calls.push({ name: string(name), input: '' });
        const last = told.calls.at(-1);
        if (last !== undefined) last.input += string(args);
      }
    }
    return {
      ...told,
      calls: told.calls.map(({ name, input }) => ({ name, input: JSON.parse(string(input)) })),
    };
  },
  gemini(events) {
    const parts = events.flatMap(({ data }) => objects(object(objects(data.candidates)[0]?.content).parts));
    const said = (thought: boolean) => parts.filter((part) => (part.thought === true) === thought);
    return {
      think: said(true)
        .map((part) => string(part.text))
        .join(''),
      text: said(false)
        .map((part) => string(part.text))
        .join(''),
      calls: parts.flatMap((part) => {
        const { name, args } = object(part.functionCall);
        return part.functionCall === undefined ? [] : [{ name: string(name), input: args }];
      }),
    };
  },
};

/** In each API: a script that ended, another whose only call has its result. */
const [ONE, TWO] = ['[[write a A]] [[text first]]', '[[write b B]] [[text second]]'];
const fn = { name: 'Write', arguments: '{}' };
export const HISTORIES: Record<string, Json> = {
  anthropic: {
    tools: [{ name: 'Write', input_schema: {} }],
    messages: [
      { role: 'user', content: ONE },
      { role: 'assistant', content: [{ type: 'tool_use', id: '1', name: 'Write', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: '1', content: '[[text no script]]' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'first' }] },
      { role: 'user', content: TWO },
      { role: 'assistant', content: [{ type: 'tool_use', id: '2', name: 'Write', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: '2', content: '[[text no script]]' }] },
    ],
  },
  responses: {
    tools: [{ type: 'function', name: 'Write', parameters: {} }],
    input: [
      { role: 'user', content: [{ type: 'input_text', text: ONE }] },
      { type: 'function_call', call_id: '1', ...fn },
      { type: 'function_call_output', call_id: '1', output: '[[text no script]]' },
      { role: 'assistant', content: [{ type: 'output_text', text: 'first' }] },
      { role: 'user', content: [{ type: 'input_text', text: TWO }] },
      { type: 'reasoning', summary: [] },
      { type: 'function_call', call_id: '2', ...fn },
      { type: 'function_call_output', call_id: '2', output: '[[text no script]]' },
    ],
  },
  chat: {
    tools: [{ type: 'function', function: { name: 'Write', parameters: {} } }],
    messages: [
      { role: 'system', content: 'be kind' },
      { role: 'user', content: ONE },
      { role: 'assistant', content: null, tool_calls: [{ id: '1', type: 'function', function: fn }] },
      { role: 'tool', tool_call_id: '1', content: '[[text no script]]' },
      { role: 'assistant', content: 'first' },
      { role: 'user', content: TWO },
      { role: 'assistant', content: null, tool_calls: [{ id: '2', type: 'function', function: fn }] },
      { role: 'tool', tool_call_id: '2', content: '[[text no script]]' },
    ],
  },
  gemini: {
    tools: [{ functionDeclarations: [{ name: 'Write', parameters: {} }] }],
    contents: [
      { role: 'user', parts: [{ text: ONE }] },
      { role: 'model', parts: [{ functionCall: { name: 'Write', args: {} } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'Write', response: { output: '[[text no]]' } } }] },
      { role: 'model', parts: [{ text: 'first' }] },
      { role: 'user', parts: [{ text: TWO }] },
      { role: 'model', parts: [{ functionCall: { name: 'Write', args: {} } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'Write', response: { output: '[[text no]]' } } }] },
    ],
  },
};
