/** Each API in its own words: the order of its events, what they add up to, and requests that are no requests. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyCalmStep } from '../arbitrary.ts';
import { object, objects } from '../json.ts';
import { isTool, parseSteps, printSteps, type Step } from '../marker.ts';
import { nextReply } from '../plan.ts';
import { anthropic } from './anthropic.ts';
import type { Api } from './api.ts';
import { chat } from './chat.ts';
import { gemini } from './gemini.ts';
import { responses } from './responses.ts';
import { BODIES, type Event, eventsOf, GATHER, HISTORIES, requestOf, typesOf } from './talk.ts';

function textOf(steps: readonly Step[], kind: 'think' | 'text'): string {
  const flood = (pieces: number) => Array.from({ length: pieces }, (_, index) => `piece ${index} `).join('');
  return steps
    .map((step) => {
      if (step.step === 'flood') return kind === 'text' ? flood(step.pieces) : '';
      return step.step === kind && 'text' in step ? step.text : '';
    })
    .join('');
}

/** The first reply of a script: all up to the first call. */
function firstReply(steps: readonly Step[]): Step[] {
  const at = steps.findIndex(isTool);
  return at < 0 ? [...steps] : steps.slice(0, at + 1);
}

describe.each([anthropic, responses, chat, gemini])('$name', (api) => {
  const body = (text: string) => BODIES[api.name]?.(text) ?? {};
  const gather = (events: Event[]) => GATHER[api.name]?.(events);

  test('a stream adds up to what the script says', () => {
    const calm = anyCalmStep.filter((step) => !isTool(step) || !step.together);
    fc.assert(
      fc.property(fc.array(calm, { minLength: 1 }), (steps) => {
        const told = gather(eventsOf(api, body(printSteps(steps))));
        const reply = firstReply(steps);
        expect(told?.think).toBe(textOf(reply, 'think'));
        expect(told?.text).toBe(textOf(reply, 'text'));
        const call = reply.find(isTool);
        expect(told?.calls.map(({ name }) => name.toLowerCase())).toEqual(
          call === undefined ? [] : [call.step === 'shell' ? 'bash' : call.step],
        );
      }),
    );
  });

  test('calls made together come in one reply, each with an id of its own', () => {
    const told = gather(eventsOf(api, body('[[write a A]] [[+shell ls]]')));
    expect(told?.calls).toEqual([
      { name: 'Write', input: { path: 'a', content: 'A' } },
      { name: 'Bash', input: { command: 'ls' } },
    ]);
  });

  test('any JSON can be read without an exception', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const strange = {
          messages: value,
          input: value,
          contents: value,
          tools: value,
          system: value,
          text: value,
        };
        nextReply(requestOf(api, object(strange)).conversation);
        nextReply(requestOf(api, object(value)).conversation);
      }),
    );
  });

  test('a prompt that follows a cancelled one in the same message is a script of its own', () => {
    const twice = JSON.parse(JSON.stringify(body('@')).replace(/\{[^{}]*"@"\}/, '$&,$&'));
    const [cancelled, next] = ['[[text no]] [[hold x]]', '[[text yes]]'];
    const text = JSON.stringify(twice)
      .replace('"@"', JSON.stringify(cancelled))
      .replace('"@"', JSON.stringify(next));
    expect(nextReply(requestOf(api, JSON.parse(text)).conversation)).toEqual([{ part: 'text', text: 'yes' }]);
  });

  test('a history of two prompts is answered by the second, from where it is', () => {
    const request = requestOf(api, HISTORIES[api.name] ?? {});
    expect(nextReply(request.conversation)).toEqual([{ part: 'text', text: 'second' }]);
  });
});

describe('the order of events', () => {
  const SCRIPT = '[[think hm]] [[text hi]] [[write a A]]';
  const order = (api: Api) => eventsOf(api, BODIES[api.name]?.(SCRIPT) ?? {});

  test('anthropic: one block after the other, each opened, filled, closed', () => {
    expect(typesOf(order(anthropic))).toEqual([
      'message_start',
      'ping',
      ...['content_block_start', 'content_block_delta', 'content_block_delta', 'content_block_stop'],
      ...['content_block_start', 'content_block_delta', 'content_block_stop'],
      ...['content_block_start', 'content_block_delta', 'content_block_delta', 'content_block_stop'],
      'message_delta',
      'message_stop',
    ]);
    const starts = order(anthropic).filter(({ name }) => name === 'content_block_start');
    expect(starts.map(({ data }) => [data.index, object(data.content_block).type])).toEqual([
      [0, 'thinking'],
      [1, 'text'],
      [2, 'tool_use'],
    ]);
  });

  test('responses: each item added, its parts told, done; numbered throughout', () => {
    const events = order(responses);
    expect(typesOf(events).map((type) => type?.replace(/^response\./, ''))).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ]);
    expect(events.map(({ data }) => data.sequence_number)).toEqual(events.map((_, index) => index));
  });

  test('chat: the role first, then deltas, the reason, the usage', () => {
    const events = order(chat);
    const deltas = events.map(({ data }) => object(objects(data.choices)[0]?.delta));
    expect(deltas.map((delta) => Object.keys(delta).join())).toEqual([
      'role,content',
      'reasoning_content',
      'content',
      ...['tool_calls', 'tool_calls', 'tool_calls'],
      '',
      '',
    ]);
    expect(objects(events.at(-2)?.data.choices)[0]?.finish_reason).toBe('tool_calls');
    expect(object(events.at(-1)?.data.usage).prompt_tokens).toBe(7);
  });

  test('gemini: thoughts, text, calls, then the reason with the usage', () => {
    const events = order(gemini);
    const candidates = events.map(({ data }) => object(objects(data.candidates)[0]));
    const parts = candidates.map((candidate) => objects(object(candidate.content).parts)[0] ?? {});
    expect(parts.map((part) => Object.keys(part).join())).toEqual([
      'text,thought',
      'text',
      'functionCall',
      'text',
    ]);
    expect(candidates.map((candidate) => candidate.finishReason)).toEqual([
      undefined,
      undefined,
      undefined,
      'STOP',
    ]);
    expect(object(events.at(-1)?.data.usageMetadata).promptTokenCount).toBe(7);
  });

  test('a patch is free text in the Responses API', () => {
    const body = { ...BODIES.responses?.('[[write a A]]'), tools: [{ type: 'custom', name: 'apply_patch' }] };
    const types = typesOf(eventsOf(responses, body)).map((type) => type?.replace(/^response\./, ''));
    expect(types.slice(2, -1)).toEqual([
      'output_item.added',
      'custom_tool_call_input.delta',
      'custom_tool_call_input.done',
      'output_item.done',
    ]);
  });

  test('an error in the middle ends each stream in its own way', () => {
    const last = [anthropic, responses, chat, gemini].map((api) => {
      const events = eventsOf(
        api,
        BODIES[api.name]?.(printSteps(parseSteps('[[text a]][[error 500 b]]'))) ?? {},
      );
      return events.at(-1)?.name ?? Object.keys(events.at(-1)?.data ?? {})[0];
    });
    expect(last).toEqual(['error', 'response.failed', 'error', 'error']);
  });
});
