/** Gemini's generateContent: each event is a whole response with the parts that are new; the last has reason and usage. */
import { type Json, object, objects, string, textsOf } from '../json.ts';
import { type Entry, saidByUser } from '../plan.ts';
import { type Api, type Request, replyId, sse } from './api.ts';

export const gemini: Api = {
  name: 'gemini',

  read(body) {
    const config = object(body.generationConfig);
    const wantsJson = config.responseMimeType === 'application/json';
    return {
      // Here the method's name in the path says it, not the body; the server overrules.
      stream: false,
      conversation: {
        entries: objects(body.contents).flatMap(entriesOf),
        tools: objects(body.tools)
          .flatMap((group) => objects(group.functionDeclarations))
          .map((tool) => ({
            name: string(tool.name),
            freeform: false,
            schema: object(tool.parametersJsonSchema ?? tool.parameters),
          })),
        system: textsOf(object(body.systemInstruction).parts).join('\n'),
        answer: wantsJson ? (config.responseJsonSchema ?? config.responseSchema ?? {}) : undefined,
      },
    };
  },

  encoder(request) {
    const chunk = (parts: Json[], rest: Json = {}, finishReason?: string) =>
      sse({ ...response(request, parts, finishReason), ...rest });
    return {
      begin: () => '',
      open: () => '',
      delta: (block, text) => chunk([block === 'think' ? { text, thought: true } : { text }]),
      close: () => '',
      call: (id, call) => chunk([callPart(id, call)]),
      end: (_stop, usage) => chunk([{ text: '' }], { usageMetadata: usageOf(usage) }, 'STOP'),
      failed: (message) => sse({ error: { code: 500, message, status: 'INTERNAL' } }),
    };
  },

  whole({ think, text, calls, usage }, request) {
    const parts: Json[] = [];
    if (think !== '') parts.push({ text: think, thought: true });
    if (text !== '') parts.push({ text });
    for (const { id, call } of calls) parts.push(callPart(id, call));
    return { ...response(request, parts, 'STOP'), usageMetadata: usageOf(usage) };
  },

  failure: (status, message) => ({ error: { code: status, message, status: 'UNAVAILABLE' } }),
};

function response(request: Request, parts: Json[], finishReason?: string): Json {
  const candidate: Json = { content: { role: 'model', parts }, index: 0 };
  if (finishReason !== undefined) candidate.finishReason = finishReason;
  return { candidates: [candidate], modelVersion: request.model, responseId: replyId('resp', request) };
}

function callPart(id: string, call: { name: string; input: unknown }): Json {
  return { functionCall: { id, name: call.name, args: call.input } };
}

function usageOf({ input, output }: { input: number; output: number }): Json {
  return { promptTokenCount: input, candidatesTokenCount: output, totalTokenCount: input + output };
}

function entriesOf(content: Json): Entry[] {
  if (content.role !== 'model') {
    const told = objects(content.parts).filter((part) => part.functionResponse !== undefined);
    const results = told.map(
      (part): Entry => ({ from: 'tool', text: resultOf(object(part.functionResponse)) }),
    );
    return [...results, ...saidByUser(textsOf(content.parts))];
  }
  const calls = objects(content.parts).filter((part) => part.functionCall !== undefined);
  return [{ from: 'assistant', calls: calls.length }];
}

function resultOf({ response }: Json): string {
  const { output, error } = object(response);
  return string(output) || string(error) || JSON.stringify(response ?? '');
}
