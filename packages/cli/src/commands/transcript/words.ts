/** What the forms of a transcript have in common: whose, when, how long, and texts that others wrote. Pure. */
import type { Payload } from '@skein/protocol/agents/events';
import type { PromptPart } from '@skein/protocol/agents/life-events';
import type { ApprovalItem, ToolItem, Turn } from '@skein/protocol/agents/transcript';
import { costText, countText } from '../../agents/numbers.ts';
import { whoText } from '../../agents/who-text.ts';
import { PlainText } from '../../output/plain-text.ts';
import type { Answer } from './reader.ts';

/** Lines and characters of a tool's output that are shown of a longer one. */
const LINES = 40;
const CHARACTERS = 4_000;
/** So many times as much of a prompt. */
const PROMPT_TIMES = 5;

export function timeText(at: number): string {
  return `${new Date(at).toISOString().replace('T', ' ').slice(0, 19)} UTC`;
}

/** What somebody pasted into a prompt may be a whole log. */
export function promptText(parts: readonly PromptPart[], full: boolean): string {
  const said = parts.map((part) => {
    if (part.type === 'file') return `[file ${part.path}]`;
    return part.type === 'text' ? shortened(part.text, full, PROMPT_TIMES) : '[image]';
  });
  return said.join('\n\n');
}

/** What a tool was given or gave: the text of it, where it holds no more than that. */
export function payloadText(payload: Payload): string {
  if ('text' in payload) {
    const text = printed(payload.text);
    return payload.cut === undefined ? text : `${text}\n… (${payload.cut} characters in all)`;
  }
  return printed(textIn(payload.json) ?? JSON.stringify(payload.json, null, 2));
}

const TEXTS = ['output', 'text', 'content', 'stdout', 'result', 'command'];

function textIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    const texts = value.map(textIn);
    return texts.every((text) => text !== undefined) ? texts.join('\n') : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const [only, ...others] = Object.entries(value).filter(([key]) => key !== 'type');
  return only !== undefined && others.length === 0 && TEXTS.includes(only[0]) ? textIn(only[1]) : undefined;
}

/** As a program's output reads: colours gone, progress bars as they were left. */
function printed(text: string): string {
  const plain = new PlainText();
  return (plain.push(text) + plain.end()).replace(/\n+$/, '');
}

export function shortened(text: string, full: boolean, times = 1): string {
  if (full) return text;
  const lines = text.split('\n');
  const few = lines.slice(0, times * LINES).join('\n');
  const kept = few.length <= times * CHARACTERS ? few : few.slice(0, times * CHARACTERS);
  if (kept.length === text.length) return text;
  const rest = lines.length - kept.split('\n').length;
  return `${kept}\n… (${rest > 0 ? `${rest} more lines` : `${text.length - kept.length} more characters`})`;
}

export const MARKS: Record<ToolItem['state'], string> = {
  running: '…',
  done: '✓',
  failed: '✗',
  denied: '⊘',
  cancelled: '⊘',
  abandoned: '?',
};

export function approvalText({ title, state }: ApprovalItem, answer: Answer | undefined): string {
  if (answer === undefined) return state === 'asked' ? `asks: ${title}` : `asked: ${title} — ${state}`;
  const by = answer.rule ?? whoText(answer.by);
  return `asked: ${title} — ${state} by ${by}${answer.reason === undefined ? '' : `: ${answer.reason}`}`;
}

/** How a turn ended, how long it took and what it used. */
export function endText({ end, endedAt, startedAt, message, usage }: Turn): string {
  const parts: string[] = [];
  if (end !== undefined) parts.push(message === undefined ? end : `${end}: ${message}`);
  if (endedAt !== undefined) parts.push(`${((endedAt - startedAt) / 1000).toFixed(1)} s`);
  const { input = 0, cacheRead = 0, cacheWrite = 0, output } = usage?.tokens ?? {};
  if (output !== undefined)
    parts.push(`${countText(input + cacheRead + cacheWrite)} in, ${countText(output)} out`);
  if (usage?.cost !== undefined) parts.push(costText({ [usage.cost.currency]: usage.cost.amount }));
  return parts.length === 0 ? 'not ended' : parts.join(' · ');
}
