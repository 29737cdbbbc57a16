/** Markdown as rows of a width: what its parser (marked) finds in it, in styles of our own. Pure. */
import { lexer, type Token, type Tokens } from 'marked';
import { clean } from './clean.ts';
import { inline } from './markdown-inline.ts';
import { tableRows } from './markdown-table.ts';
import { LONGEST_PIECE } from './segments.ts';
import { BOLD, CYAN, DIM, MAGENTA, type Row, type Span, type Style, span, UNDERLINE } from './style.ts';
import { rowColumns } from './width.ts';
import { wrap } from './wrap.ts';

const BULLETS = ['•', '◦', '▪'];
/** Levels of lists and quotes that are indented; what is deeper stands at the same place. */
const DEEPEST = 8;
/** Columns that are left for what is inside; where there are fewer, it is not set in. */
const NARROWEST = 4;

/** One piece of a message. */
export function markdownRows(text: string, width: number, style: Style): Row[] {
  const safe = clean(text);
  if (text.length > LONGEST_PIECE) return wrap([span(safe.replace(/\n+$/, ''), style)], width);
  try {
    return blocks(lexer(safe), { width, style, depth: 0 });
  } catch {
    // Nested deeper than its parser goes.
    return wrap([span(safe.replace(/\n+$/, ''), style)], width);
  }
}

interface Place {
  width: number;
  style: Style;
  depth: number;
}

function blocks(tokens: readonly Token[], place: Place, tight = false): Row[] {
  const out: Row[] = [];
  for (const token of tokens) {
    const rows = block(token, place);
    if (rows.length === 0) continue;
    if (out.length > 0 && !tight) out.push([]);
    for (const row of rows) out.push(row);
  }
  return out;
}

function block(token: Token, place: Place): Row[] {
  const { width, style } = place;
  switch (token.type) {
    case 'space':
    case 'def':
      return [];
    case 'heading': {
      const { depth, tokens } = token as Tokens.Heading;
      return wrap(inline(tokens, style | BOLD | (depth === 1 ? UNDERLINE : 0) | MAGENTA), width);
    }
    case 'code':
      return codeRows((token as Tokens.Code).text, (token as Tokens.Code).lang, width);
    case 'blockquote':
      return within(place, [span('▎ ', DIM)], [span('▎ ', DIM)], (inner) =>
        blocks((token as Tokens.Blockquote).tokens, { ...inner, style: style | DIM }),
      );
    case 'list':
      return listRows(token as Tokens.List, place);
    case 'table':
      return tableRows(token as Tokens.Table, width, style);
    case 'hr':
      return [[span('─'.repeat(Math.min(width, 40)), DIM)]];
    case 'html':
      return wrap([span((token as Tokens.HTML).text.replace(/\n+$/, ''), style | DIM)], width);
    default: {
      const { tokens, text = '' } = token as Tokens.Paragraph;
      return wrap(inline(tokens ?? [{ type: 'text', raw: text, text }], style), width);
    }
  }
}

/** Code keeps its spaces; what is too long goes on in the next row. */
export function codeRows(text: string, language: string | undefined, width: number): Row[] {
  const bar: Row = [span('│ ', DIM)];
  const rows = wrap([span(text, CYAN)], width, { first: bar, hard: true });
  return language === undefined || language === '' ? rows : [[span(`╭ ${language}`, DIM)], ...rows];
}

function listRows(list: Tokens.List, place: Place): Row[] {
  const out: Row[] = [];
  let number = typeof list.start === 'number' ? list.start : 1;
  for (const item of list.items) {
    const box = item.checked === true ? '☑' : '☐';
    const bullet = BULLETS[place.depth % BULLETS.length] ?? '•';
    const mark = item.task ? box : list.ordered ? `${number++}.` : bullet;
    const first: Span[] = [span(`${mark} `, place.style | CYAN)];
    const rest: Span[] = [span(' '.repeat(mark.length + 1))];
    const tokens = item.tokens.filter(({ type }) => type !== 'checkbox');
    const rows = within(place, first, rest, (inner) => blocks(tokens, inner, !item.loose));
    if (item.loose && out.length > 0) out.push([]);
    out.push(...(rows.length === 0 ? [first] : rows));
  }
  return out;
}

function within(place: Place, first: Row, rest: Row, inner: (place: Place) => Row[]): Row[] {
  const left = place.width - rowColumns(first);
  const indented = place.depth < DEEPEST && left >= NARROWEST;
  const width = indented ? left : place.width;
  const rows = inner({ ...place, width, depth: place.depth + 1 });
  return indented ? rows.map((row, i) => [...(i === 0 ? first : rest), ...row]) : rows;
}
