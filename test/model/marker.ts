/**
 * The little language in which a prompt tells the scripted model what to reply: `[[think hm]] [[write a.txt AAA]] [[text done]]`.
 *
 * One marker is one step. A word is parted from the next by a space; within a word `\s` is a space, `\n` a line end,
 * `\t` a tab, `\e` nothing, and `\` before any of `[ ] \` keeps it. The last part of a step may hold plain spaces.
 */

import type { EditStep } from './edit.ts';

export type ToolStep =
  | { step: 'write'; path: string; content: string }
  | { step: 'shell'; command: string }
  | { step: 'read'; path: string }
  /** A tool of an MCP server (`skein.list`), by whichever name the agent offers it; its input is JSON. */
  | { step: 'call'; tool: string; input: string };

export type Step =
  | { step: 'think'; text: string }
  | { step: 'text'; text: string }
  /** Many pieces of text, `ms` milliseconds apart. */
  | { step: 'flood'; pieces: number; ms: number }
  | { step: 'sleep'; ms: number }
  /** Waits until the gate of that name is released. */
  | { step: 'hold'; gate: string }
  | { step: 'error'; status: number; message: string }
  /** Ends the connection without a word. */
  | { step: 'cut' }
  | EditStep
  /** `together` (written `+write …`): in the same reply as the tool call before it. */
  | (ToolStep & { together: boolean });

export function isTool(step: Step): step is ToolStep & { together: boolean } {
  return ['write', 'shell', 'read', 'call'].includes(step.step);
}

/** What bash and Markdown write as `[[ … ]]` is no step, and is passed over. */
export function parseSteps(text: string): Step[] {
  const found: Step[] = [];
  for (const [, inside] of text.matchAll(/\[\[((?:\\.|[^\\\]])*)\]\]/gs)) {
    const step = parseStep(inside ?? '');
    if (step !== undefined) found.push(step);
  }
  return found;
}

export function printSteps(steps: readonly Step[]): string {
  return steps.map((step) => `[[${wordsOf(step).join(' ')}]]`).join(' ');
}

function parseStep(inside: string): Step | undefined {
  const [verb = '', ...rest] = inside.split(' ');
  const tail = (from: number) => unescaped(rest.slice(from).join(' '));
  const first = unescaped(rest[0] ?? '');
  const together = verb.startsWith('+');
  switch (together ? verb.slice(1) : verb) {
    case 'think':
      return { step: 'think', text: tail(0) };
    case 'text':
      return { step: 'text', text: tail(0) };
    case 'write':
      return first === '' ? undefined : { step: 'write', path: first, content: tail(1), together };
    case 'shell':
      return { step: 'shell', command: tail(0), together };
    case 'read':
      return first === '' ? undefined : { step: 'read', path: first, together };
    case 'call':
      return first === '' ? undefined : { step: 'call', tool: first, input: tail(1), together };
    case 'flood':
      return numbers(rest, (pieces, ms = 0) => ({ step: 'flood', pieces, ms }));
    case 'sleep':
      return numbers(rest, (ms) => ({ step: 'sleep', ms }));
    case 'hold':
      return { step: 'hold', gate: first };
    case 'error':
      return numbers(rest.slice(0, 1), (status) =>
        status < 400 || status > 599 ? undefined : { step: 'error', status, message: tail(1) },
      );
    case 'cut':
      return { step: 'cut' };
    case 'edit':
      return editIn(rest);
    default:
      return undefined;
  }
}

/** `edit PATH SEED PAUSE[@GATE] LINE` */
function editIn([path = '', seed = '', paused = '', ...line]: string[]): Step | undefined {
  const [pause = '', gate] = paused.split('@');
  return numbers([seed, pause], (seed, pause = 0) => ({
    ...{ step: 'edit', path: unescaped(path), seed, pause, line: unescaped(line.join(' ')) },
    ...(gate === undefined ? {} : { gate: unescaped(gate) }),
  }));
}

function numbers<T>(words: string[], make: (first: number, second?: number) => T): T | undefined {
  if (words.length === 0 || !words.every((word) => /^\d{1,9}$/.test(word))) return undefined;
  const [first = 0, second] = words.map(Number);
  return make(first, second);
}

function wordsOf(step: Step): string[] {
  switch (step.step) {
    case 'think':
    case 'text':
      return [step.step, escaped(step.text)];
    case 'write':
      return [verbOf(step), word(step.path), escaped(step.content)];
    case 'shell':
      return [verbOf(step), escaped(step.command)];
    case 'read':
      return [verbOf(step), word(step.path)];
    case 'call':
      return [verbOf(step), word(step.tool), escaped(step.input)];
    case 'flood':
      return ['flood', String(step.pieces), String(step.ms)];
    case 'sleep':
      return ['sleep', String(step.ms)];
    case 'hold':
      return ['hold', word(step.gate)];
    case 'error':
      return ['error', String(step.status), escaped(step.message)];
    case 'cut':
      return ['cut'];
    case 'edit':
      return ['edit', word(step.path), String(step.seed), pauseOf(step), escaped(step.line)];
  }
}

function pauseOf({ pause, gate }: EditStep): string {
  return gate === undefined ? String(pause) : `${pause}@${word(gate)}`;
}

function verbOf(step: ToolStep & { together: boolean }): string {
  return step.together ? `+${step.step}` : step.step;
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', s: ' ', e: '' };

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, letter: string) => ESCAPES[letter] ?? letter);
}

function escaped(text: string): string {
  return text
    .replace(/[\\[\]]/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/\t/g, '\\t')
    .replace(/\r/g, '\\r');
}

/** One word: without spaces, and never empty. */
function word(text: string): string {
  return text === '' ? '\\e' : escaped(text).replace(/ /g, '\\s');
}
