/**
 * What the scripted model replies: a pure function of the request, since agents send their whole history with each.
 *
 * The last user text with markers is the script. The tool calls made since tell how far it is; the reply is what comes
 * next, up to and with the next tool call. After the last call of a script that says nothing more, the reply is "done".
 */
import { editOn, type Note } from './edit.ts';
import { isTool, parseSteps, type Step } from './marker.ts';
import { withResults } from './results.ts';
import { sampleOf } from './sample.ts';
import { type Call, callFor, cwdIn, type Tool } from './tools.ts';

/** A request, whichever API it came by. */
export interface Conversation {
  entries: readonly Entry[];
  tools: readonly Tool[];
  /** System prompts, where the working directory may be told. */
  system: string;
  /** JSON Schema that the answer must have, if one was asked for; {} is any JSON. */
  answer: unknown;
}

/**
 * What a user is made to say comes a text at a time, not a message: agents put a cancelled prompt, a note of the
 * cancelling and the next prompt into one message.
 */
export type Entry =
  | { from: 'user'; text: string }
  | { from: 'assistant'; calls: number }
  /** What a call has come to, in the order of the calls. */
  | { from: 'tool'; text: string };

export type Part =
  | { part: 'think'; text: string }
  | { part: 'text'; text: string }
  /** `id` is unique in its conversation. */
  | { part: 'call'; id: string; call: Call }
  /** Many pieces of text, told when they are sent, so that a large number costs nothing here. */
  | { part: 'flood'; pieces: number; ms: number }
  | { part: 'sleep'; ms: number }
  | { part: 'hold'; gate: string }
  | { part: 'error'; status: number; message: string }
  | { part: 'cut' };

/** What is said when there is nothing to say: no script, or a side question. */
const SHORT_ANSWER = 'ok';
export const AFTER_LAST_CALL = 'done';

export function nextReply(conversation: Conversation): Part[] {
  const { entries, tools, system, answer } = conversation;
  if (tools.length === 0) return [{ part: 'text', text: shortAnswer(answer) }];
  const at = entries.findLastIndex((entry) => entry.from === 'user' && parseSteps(entry.text).length > 0);
  const script = entries[at];
  if (script?.from !== 'user') return [{ part: 'text', text: shortAnswer(answer) }];
  const since = entries.slice(at);
  const heard = heardIn(since.slice(1));
  const steps = stepsAfter(parseSteps(script.text), countCalls(since), heard).map((step) =>
    withResults(step, heard.results),
  );
  const before = countCalls(entries);
  const cwd = cwdIn(
    [system, ...entries.map((entry) => (entry.from === 'user' ? entry.text : ''))].join('\n'),
  );
  let calls = 0;
  return steps.flatMap((step): Part[] => {
    if (!isTool(step)) return partsOf(step);
    const call = callFor(step, tools, cwd);
    if (call === undefined)
      return [{ part: 'text', text: `no tool for ${step.step === 'call' ? step.tool : step.step}` }];
    calls += 1;
    return [{ part: 'call', id: `call_${String(before + calls).padStart(4, '0')}`, call }];
  });
}

function shortAnswer(answer: unknown): string {
  return answer === undefined ? SHORT_ANSWER : JSON.stringify(sampleOf(answer));
}

function countCalls(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + (entry.from === 'assistant' ? entry.calls : 0), 0);
}

interface Heard {
  /** Of the calls, in their order. */
  results: string[];
  notes: Note[];
}

function heardIn(entries: readonly Entry[]): Heard {
  const heard: Heard = { results: [], notes: [] };
  for (const entry of entries) {
    if (entry.from === 'tool') heard.results.push(entry.text);
    if (entry.from === 'user') heard.notes.push({ at: heard.results.length, text: entry.text });
  }
  return heard;
}

/** The steps of the first reply that has not been given when so many calls have been made. */
function stepsAfter(steps: readonly Step[], made: number, { results, notes }: Heard): Step[] {
  let left = made;
  for (const reply of repliesOf(steps)) {
    const edit = reply.at(-1);
    if (edit?.step === 'edit') {
      const own = Array.from({ length: left }, (_, n) => results[made - left + n] ?? '');
      const on = editOn(
        edit,
        own,
        notes.map(({ at, text }) => ({ at: at - (made - left), text })),
      );
      if ('next' in on) return [...(left === 0 ? reply.slice(0, -1) : []), ...on.next];
      left -= on.used;
      if (!on.made) return [{ step: 'text', text: 'given up' }];
      continue;
    }
    const calls = reply.filter(isTool).length;
    if (calls === 0 || left === 0) return reply;
    // Of calls made together an agent may have kept only some: the reply was given all the same.
    left = Math.max(0, left - calls);
  }
  return [{ step: 'text', text: AFTER_LAST_CALL }];
}

/** A reply ends behind a tool call, or behind several that are made together. */
function repliesOf(steps: readonly Step[]): Step[][] {
  const replies: Step[][] = [];
  let reply: Step[] = [];
  for (const [index, step] of steps.entries()) {
    reply.push(step);
    const next = steps[index + 1];
    const goesOn = next !== undefined && isTool(next) && next.together;
    if (step.step === 'edit' || (isTool(step) && !goesOn)) {
      replies.push(reply);
      reply = [];
    }
  }
  return reply.length === 0 ? replies : [...replies, reply];
}

function partsOf(step: Exclude<Step, { together: boolean }>): Part[] {
  switch (step.step) {
    case 'think':
      return [{ part: 'think', text: step.text }];
    case 'text':
      return [{ part: 'text', text: step.text }];
    case 'flood':
      return [{ part: 'flood', pieces: step.pieces, ms: step.ms }];
    case 'sleep':
      return [{ part: 'sleep', ms: step.ms }];
    case 'hold':
      return [{ part: 'hold', gate: step.gate }];
    case 'error':
      return [{ part: 'error', status: step.status, message: step.message || 'scripted error' }];
    case 'cut':
      return [{ part: 'cut' }];
    case 'edit':
      return [];
  }
}

export function saidByUser(texts: readonly string[]): Entry[] {
  return texts.map((text) => ({ from: 'user', text }));
}
