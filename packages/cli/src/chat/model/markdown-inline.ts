/** What stands within a paragraph of Markdown, as spans. Pure. */
import type { Token, Tokens } from 'marked';
import { BLUE, BOLD, CYAN, DIM, ITALIC, type Span, STRIKE, type Style, span, UNDERLINE } from './style.ts';

const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  apos: "'",
  nbsp: ' ',
};

export function inline(tokens: readonly Token[], style: Style): Span[] {
  return tokens.flatMap((token) => spansOf(token, style));
}

function spansOf(token: Token, style: Style): Span[] {
  switch (token.type) {
    case 'strong':
      return inline((token as Tokens.Strong).tokens, style | BOLD);
    case 'em':
      return inline((token as Tokens.Em).tokens, style | ITALIC);
    case 'del':
      return inline((token as Tokens.Del).tokens, style | STRIKE);
    case 'codespan':
      return [span((token as Tokens.Codespan).text, (style & ~0x1f) | CYAN)];
    case 'br':
      return [span('\n', style)];
    case 'escape':
      return [span((token as Tokens.Escape).text, style)];
    case 'link': {
      const { href, tokens, text } = token as Tokens.Link;
      const shown = inline(tokens, (style & ~0x1f) | UNDERLINE | BLUE);
      return text === href || href === `mailto:${text}` ? shown : [...shown, span(` (${href})`, style | DIM)];
    }
    case 'image': {
      const { href, text } = token as Tokens.Image;
      return [span(`[${text || 'image'}]`, style | ITALIC), span(` (${href})`, style | DIM)];
    }
    case 'html':
      return /^<br\s*\/?>$/i.test(token.raw) ? [span('\n', style)] : [span(token.raw, style | DIM)];
    default: {
      const { tokens, text = '' } = token as Tokens.Text;
      return tokens === undefined ? [span(decoded(text), style)] : inline(tokens, style);
    }
  }
}

function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#?\w{1,8});/g, (whole, name: string) =>
    Object.hasOwn(ENTITIES, name) ? (ENTITIES[name] ?? whole) : whole,
  );
}
