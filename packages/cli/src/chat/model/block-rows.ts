/** A block as rows of a width, folded or whole. Pure, but for messages, which keep what of them is final. */
import { age } from '@skein/protocol/text/words';
import { bytesText } from '../../output/bytes-text.ts';
import type { Block, EndBlock, PlanBlock, PromptBlock, RemarkBlock, TextBlock } from './blocks.ts';
import { clean, cleanLine } from './clean.ts';
import type { MessageRows } from './message-rows.ts';
import {
  BOLD,
  CYAN,
  DIM,
  GREEN,
  INVERSE,
  ITALIC,
  MAGENTA,
  PLAIN,
  RED,
  type Row,
  span,
  YELLOW,
} from './style.ts';
import { toolRows } from './tool-rows.ts';
import { fittedRow } from './width.ts';
import { wrap } from './wrap.ts';

/** Rows of a thought that is still going on that are shown while it is folded. */
const THOUGHT_ROWS = 3;
/** Rows of a long prompt that are shown while it is folded. */
const PROMPT_ROWS = 12;
export const INDENT: Row = [span('  ')];

export interface Look {
  width: number;
  expanded: boolean;
}

/** Blocks that are the same, looked at alike, give the same rows: whoever calls may keep them. */
export function blockRows(block: Block, look: Look, message: MessageRows): Row[] {
  const room = block.inner ? { ...look, width: Math.max(8, look.width - 2) } : look;
  const rows = rowsOf(block, room, message);
  return block.inner ? rows.map((row) => [span('┊ ', DIM), ...row]) : rows;
}

function rowsOf(block: Block, look: Look, message: MessageRows): Row[] {
  switch (block.kind) {
    case 'prompt':
      return promptRows(block, look);
    case 'message':
      return indented([
        ...message.rows(block.text, look.width - 2, PLAIN),
        ...hiddenRow(block.hidden, look.width - 2),
      ]);
    case 'thought':
      return thoughtRows(block, look);
    case 'tool':
      return toolRows(block, look);
    case 'plan':
      return planRows(block.entries, look.width);
    case 'end':
      return endRows(block, look);
    case 'remark':
      return remarkRows(block, look);
  }
}

function indented(rows: readonly Row[]): Row[] {
  return rows.map((row) => (row.length === 0 ? row : [...INDENT, ...row]));
}

function promptRows({ text, hidden, attachments, who, mine }: PromptBlock, { width, expanded }: Look): Row[] {
  const mark: Row = [span('❯ ', CYAN | BOLD)];
  const name = mine || who === undefined ? [] : [span(`${cleanLine(who)}: `, MAGENTA | BOLD)];
  // As long as it is folded, no more of it is broken into rows than can be shown.
  const shown = expanded ? text : text.slice(0, 4 * PROMPT_ROWS * width);
  const rows = wrap([...name, span(clean(shown), BOLD)], width, { first: mark, rest: INDENT });
  const folded = !expanded && (rows.length > PROMPT_ROWS || shown.length < text.length);
  const more = `… ${bytesText(text.length + hidden)} in all`;
  return [
    ...(folded ? [...rows.slice(0, PROMPT_ROWS), fittedRow([...INDENT, span(more, DIM)], width)] : rows),
    ...attachments.map((path) => fittedRow([...INDENT, span(`+ ${cleanLine(path)}`, CYAN)], width)),
    ...(folded ? [] : hiddenRow(hidden, width)),
  ];
}

function hiddenRow(hidden: number, width: number): Row[] {
  const told = span(`… and ${bytesText(hidden)} more, in the log`, DIM);
  return hidden === 0 ? [] : [fittedRow([...INDENT, told], width)];
}

function thoughtRows({ text, ended, hidden }: TextBlock, { width, expanded }: Look): Row[] {
  const mark: Row = [span('∴ ', DIM)];
  const style = DIM | ITALIC;
  const whole = clean(text.trim());
  if (expanded)
    return [...wrap([span(whole, style)], width, { first: mark, rest: INDENT }), ...hiddenRow(hidden, width)];
  if (ended) {
    const line = whole
      .slice(0, 2 * width)
      .replace(/\s+/g, ' ')
      .replaceAll('**', '');
    const [row = []] = wrap([span(line, style)], width - 2, { first: mark });
    return [whole.length > width - 6 ? [...row, span(' …', DIM)] : row];
  }
  const rows = wrap([span(whole.slice(-4 * THOUGHT_ROWS * width), style)], width, { first: INDENT }).slice(
    -THOUGHT_ROWS,
  );
  return rows.map((row, i) => (i === 0 ? [...mark, ...row.slice(1)] : row));
}

const PLAN_MARKS = { pending: '○', doing: '◐', done: '●' } as const;

export function planRows(entries: PlanBlock['entries'], width: number): Row[] {
  return entries.flatMap(({ text, state }) => {
    const style = state === 'done' ? DIM : state === 'doing' ? BOLD : PLAIN;
    const colour = state === 'done' ? GREEN : state === 'doing' ? YELLOW : DIM;
    return wrap([span(cleanLine(text), style)], width, {
      first: [span(`${PLAN_MARKS[state]} `, colour)],
      rest: INDENT,
    });
  });
}

const ENDS: Record<EndBlock['end'], { word: string; style: number }> = {
  done: { word: 'done', style: DIM },
  cancelled: { word: 'cancelled', style: YELLOW },
  refused: { word: 'refused by the model', style: RED },
  failed: { word: 'failed', style: RED },
  lost: { word: 'lost with its process: nobody can tell how far it got', style: RED },
};

function endRows({ end, message, took, usage }: EndBlock, { width }: Look): Row[] {
  const { word, style } = ENDS[end];
  const rest = [
    ...(took === undefined || took < 1000 ? [] : [age(took)]),
    ...(usage === undefined ? [] : [usageText(usage)]),
    ...(message === undefined ? [] : [cleanLine(message)]),
  ].filter((part) => part !== '');
  return wrap([span(word, style), span(rest.map((part) => ` · ${part}`).join(''), DIM)], width, {
    first: [span('╰ ', DIM)],
    rest: INDENT,
  });
}

export function usageText({ input, output, cost, context }: NonNullable<EndBlock['usage']>): string {
  const parts = [];
  if (input + output > 0) parts.push(`${thousands(input)} in, ${thousands(output)} out`);
  if (cost !== undefined && cost.amount > 0)
    parts.push(`${cost.amount.toFixed(cost.amount < 0.1 ? 4 : 2)} ${cleanLine(cost.currency)}`);
  if (context !== undefined && context.size > 0)
    parts.push(`context ${Math.round((100 * context.used) / context.size)} %`);
  return parts.join(' · ');
}

export function thousands(count: number): string {
  if (count < 1000) return String(Math.round(count));
  return count < 999_500
    ? `${(count / 1000).toFixed(count < 9950 ? 1 : 0)}k`
    : `${(count / 1e6).toFixed(1)}M`;
}

function remarkRows({ tone, text, detail }: RemarkBlock, { width, expanded }: Look): Row[] {
  // What no driver knows is of use to whoever looks for what went wrong, and to nobody else.
  if (tone === 'note' && !expanded) return [];
  const style = tone === 'fault' ? RED : DIM;
  const rows = wrap([span(cleanLine(text), style)], width, {
    first: [span(tone === 'fault' ? '! ' : '· ', style)],
    rest: INDENT,
  });
  if (detail === undefined || !expanded) return rows;
  return [...rows, ...wrap([span(clean(detail.trimEnd()), DIM)], width, { first: INDENT, hard: true })];
}

/** Marks what a search looks for. */
export function marked(row: Row, query: string): Row {
  if (query === '') return row;
  const wanted = query.toLowerCase();
  return row.flatMap(({ text, style }) => {
    const parts = [];
    const lower = text.toLowerCase();
    // Where lower case has another length, places would not fit.
    if (lower.length !== text.length) return [{ text, style }];
    let from = 0;
    for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
      parts.push(
        { text: text.slice(from, at), style },
        { text: text.slice(at, at + wanted.length), style: style | INVERSE },
      );
      from = at + wanted.length;
    }
    return [...parts, { text: text.slice(from), style }].filter((part) => part.text !== '');
  });
}
