/** What YAML makes of words that people mean otherwise: its errors in our words, and what it would take in silence (rule B2). Pure. */
import { isScalar, type Scalar } from 'yaml';

/** What is wrong, told by the reader's code for it, and the text from there on. */
export function syntaxMessage(code: string, message: string, rest: string): string {
  const line = rest.split('\n')[0]?.trim() ?? '';
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'a tab; indent with spaces';
    case 'DUPLICATE_KEY':
      return `"${(line.split(':')[0] ?? '').replace(/^["']|["']$/g, '')}" is there twice; each name may be once`;
    case 'MULTIPLE_DOCS':
      return 'a second document begins here; a file is one';
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return 'a second ":" where a value is; quote a text that has ": " in it, or mend the indentation';
    case 'BAD_SCALAR_START':
      return `a text that begins with ${line[0] ?? 'this'} needs quotes`;
    case 'BAD_INDENT':
    case 'BAD_COLLECTION':
      return 'a [ or { before this is not closed; a text that begins with one needs quotes';
    case 'UNEXPECTED_TOKEN':
      return /^[-?] /.test(line)
        ? 'a list begins on a line of its own; a text that begins with "- " needs quotes'
        : 'this does not belong here: mend the indentation, or quote the whole text';
    case 'TAG_RESOLVE_FAILED':
      return `${line.split(/\s/)[0] ?? ''} is a tag; a text that begins with ! needs quotes`;
    case 'MISSING_CHAR':
      if (message.includes('quote')) return 'a quote is not closed';
      return /flow|\}|\]/.test(message) ? 'a [ or { is not closed' : 'a ":" is missing after a name';
    default:
      return /call stack/.test(message) ? 'it has more levels than anybody writes' : sentence(message);
  }
}

/** The first letter small, no end. */
export function sentence(message: string): string {
  const text = (message.split('\n')[0] ?? '').replace(/[.:]\s*$/, '').trim();
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** What is surprising in a value that was not quoted; undefined when nothing is. `after` is the text from its end on. */
export function scalarTrap(node: Scalar, after: string): string | undefined {
  if (node.type !== 'PLAIN') return undefined;
  const { source = '', value } = node;
  if (typeof value === 'number') {
    if (/^[-+]?0\d/.test(source))
      return `${source} would be read as ${value}; write ${value}, or '${source}' for a text`;
    if (/^0[ox]/i.test(source))
      return `${source} would be read as ${value}; write that, or '${source}' for a text`;
    return undefined;
  }
  if (typeof value !== 'string') return undefined;
  if (/^[\u201c\u201d\u2018\u2019\u201e\u00ab]/.test(value))
    return `${value[0]} is no quote in YAML; write " or '`;
  if (/^[\w.-]+:?[\u00a0\u2007\u202f\u3000]/.test(value))
    return 'what looks like a space is none (U+00A0); write a space';
  const comment = /^[ \t]+(#[^\s!#][^\r\n]*)/.exec(after)?.[1];
  if (comment !== undefined)
    return `"${comment.slice(0, 24)}" is a comment here and not part of the text; quote the text, or put a space after the #`;
  return undefined;
}

/** A name as it was meant: a text, or a whole number written as one writes it. Undefined with what is wrong with it. */
export function keyOf(key: unknown): { name: string } | { problem: string } {
  if (!isScalar(key)) return { problem: 'a name is one word; quote it if it begins with [ { & * or !' };
  const { value, source = '' } = key;
  if (typeof value === 'string') return { name: value };
  if (typeof value === 'number' && String(value) === source) return { name: source };
  return { problem: `${source === '' ? 'this' : source} is no text; quote it: '${source}'` };
}
