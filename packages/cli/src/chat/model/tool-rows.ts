/** A tool call as rows: what it does and how it went in one row, what it changed, and the rest when it is unfolded. Pure. */
import type { Payload } from '@skein/protocol/agents/events';
import { age } from '@skein/protocol/text/words';
import type { Asked, ToolBlock } from './blocks.ts';
import { cleanLine, cleanOutput } from './clean.ts';
import { diffOf, type FileDiff } from './diff.ts';
import {
  BOLD,
  CYAN,
  DIM,
  GREEN,
  MAGENTA,
  RED,
  type Row,
  type Span,
  type Style,
  span,
  YELLOW,
} from './style.ts';
import { fitted } from './width.ts';
import { wrap } from './wrap.ts';

/** Rows of a change, and of what a call gave, that are shown while it is folded. */
const FOLDED_DIFF = 8;
const FOLDED_OUTPUT = 3;
/** Milliseconds after which it is told how long a call took. */
const WORTH_TELLING = 2_000;
const INNER: Row = [span('    ')];
const BELOW: Row = [span('  └ ', DIM)];

interface Look {
  width: number;
  expanded: boolean;
}

const MARKS: Record<ToolBlock['state'], { mark: string; style: Style }> = {
  running: { mark: '●', style: YELLOW },
  done: { mark: '✓', style: GREEN },
  failed: { mark: '✗', style: RED },
  denied: { mark: '⊘', style: RED },
  cancelled: { mark: '⊘', style: YELLOW },
  abandoned: { mark: '…', style: DIM },
};

export function toolRows(tool: ToolBlock, look: Look): Row[] {
  const diffs = tool.diffs.map(diffOf);
  const rows = [...headRows(tool, diffs, look)];
  // The question shows what it is about.
  if (tool.asked?.state === 'asked' && !look.expanded) return rows;
  if (look.expanded && diffs.length === 0) rows.push(...inputRows(tool, look.width));
  for (const diff of diffs) rows.push(...diffRows(diff, look, tool.diffs.length > 1));
  if (diffs.length === 0 || look.expanded) rows.push(...outputRows(tool, look));
  return rows;
}

function headRows(tool: ToolBlock, diffs: readonly FileDiff[], { width, expanded }: Look): Row[] {
  const { mark, style } = MARKS[tool.state];
  const counts = diffs.reduce(
    (sum, d) => ({ added: sum.added + d.added, removed: sum.removed + d.removed }),
    {
      added: 0,
      removed: 0,
    },
  );
  const changed: Span[] =
    diffs.length === 0
      ? []
      : [span(` +${counts.added}`, GREEN), span(` −${counts.removed}`, counts.removed > 0 ? RED : DIM)];
  const took = tool.endedAt === undefined ? 0 : tool.endedAt - tool.at;
  const after: Span[] = [
    ...changed,
    ...(took < WORTH_TELLING ? [] : [span(` ${age(took)}`, DIM)]),
    ...(untold(tool) ? [span(` ${tool.state}`, style)] : []),
    ...askedSpans(tool.asked),
  ];
  const title = cleanLine(tool.title);
  // Some agents say what kind it is in the title.
  const kind = title.toLowerCase().startsWith(tool.tool) ? [] : [span(`${tool.tool} `, DIM)];
  const first: Row = [span(`${mark} `, style), ...kind];
  const room = Math.max(8, width - first.reduce((sum, { text }) => sum + text.length, 0));
  const shown = expanded ? title : fitted(title, 2 * room);
  return wrap([span(shown, BOLD), ...after], width, { first, rest: [span('  ')] });
}

/** Whether neither its mark nor the answer to its question says how it went. */
function untold({ state, asked }: ToolBlock): boolean {
  return state !== 'done' && state !== 'running' && !(state === 'denied' && asked?.state === 'denied');
}

function askedSpans(asked: Asked | undefined): Span[] {
  if (asked === undefined) return [];
  const by = asked.rule === undefined ? asked.who : `the rule ${cleanLine(asked.rule)}`;
  const who = by === undefined ? '' : ` by ${cleanLine(by)}`;
  const why = asked.reason === undefined ? '' : `: ${cleanLine(asked.reason)}`;
  switch (asked.state) {
    case 'asked':
      return [span(' waits for an answer', YELLOW | BOLD)];
    case 'allowed':
      return [span(` allowed${who}${why}`, DIM)];
    case 'denied':
      return [span(` denied${who}${why}`, RED)];
    default:
      return [span(` question ${asked.state}`, DIM)];
  }
}

const LINES: Record<string, Style> = { '+': GREEN, '-': RED, '@': CYAN, ' ': DIM };

/** A change of one file; also what a question shows. */
export function diffRows(
  diff: FileDiff,
  { width, expanded }: Look,
  named: boolean,
  most = FOLDED_DIFF,
): Row[] {
  const rows: Row[] = named ? [[...INNER, span(cleanLine(diff.path), MAGENTA)]] : [];
  const shown = expanded || diff.lines.length === most + 1 ? diff.lines : diff.lines.slice(0, most);
  for (const { op, text } of shown) {
    const style = LINES[op] ?? DIM;
    const mark = op === '@' ? '' : `${op} `;
    const rest: Row = [...INNER, span('  ')];
    rows.push(
      ...wrap([span(cleanOutput(text), style)], width, {
        first: [...INNER, span(mark, style)],
        rest: mark === '' ? INNER : rest,
        hard: true,
      }),
    );
  }
  const left = diff.lines.length - shown.length;
  if (left > 0) rows.push([...INNER, span(`… ${left} more lines`, DIM)]);
  return rows;
}

function inputRows({ input, paths }: ToolBlock, width: number): Row[] {
  const text = input === undefined ? '' : payloadText(input);
  const files =
    paths.length < 2 ? [] : wrap([span(paths.map(cleanLine).join('\n'), MAGENTA)], width, { first: INNER });
  if (text === '') return files;
  return [...files, ...wrap([span(cleanOutput(text), CYAN)], width, { first: INNER, hard: true })];
}

function outputRows({ output, state }: ToolBlock, { width, expanded }: Look): Row[] {
  if (output === undefined) return [];
  const text = cleanOutput(payloadText(output)).trimEnd();
  if (text === '') return [];
  const style = state === 'failed' ? RED : DIM;
  if (expanded) {
    const rows = wrap([span(text, style)], width, { first: BELOW, rest: INNER, hard: true });
    const cut = 'text' in output ? output.cut : undefined;
    return cut === undefined ? rows : [...rows, [...INNER, span(`… cut: ${cut} characters in all`, DIM)]];
  }
  const lines = text.split('\n', FOLDED_OUTPUT + 2);
  // One row that says that there is one more is no shorter.
  const most = lines.length === FOLDED_OUTPUT + 1 ? lines.length : FOLDED_OUTPUT;
  const rows = lines
    .slice(0, most)
    .map((line, i): Row => [...(i === 0 ? BELOW : INNER), span(fitted(line, Math.max(4, width - 4)), style)]);
  if (lines.length > most) rows.push([...INNER, span(`… ${linesIn(text) - most} more lines`, DIM)]);
  return rows;
}

function linesIn(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** What people read of it: where a value has one text in it, as what tools give mostly has, that. */
export function payloadText(payload: Payload): string {
  if ('text' in payload) return payload.text;
  const { json } = payload;
  return textIn(json) ?? JSON.stringify(json, null, 2) ?? '';
}

const TEXTS = ['command', 'output', 'text', 'stdout', 'result', 'content', 'message'];

function textIn(json: unknown): string | undefined {
  if (typeof json === 'string') return json;
  if (Array.isArray(json)) {
    const texts = json.map(textIn);
    return json.length > 0 && texts.every((text) => text !== undefined) ? texts.join('\n') : undefined;
  }
  if (typeof json !== 'object' || json === null) return undefined;
  const told = Object.entries(json).filter(
    ([name, value]) => name !== 'type' && value !== null && value !== '',
  );
  const [first] = told;
  return told.length === 1 && first !== undefined && TEXTS.includes(first[0]) ? textIn(first[1]) : undefined;
}
