/** The words of a help that commander does not lay out: details, examples and JSON, fitted to the terminal's width. */
import type { CommandSpec } from './spec.ts';

/** Columns between an example and what it does, and before what is put below it. */
const GAP = 2;
const BELOW = '      ';

/** What stands below the options in a command's help. */
export function afterHelp(spec: Pick<CommandSpec, 'details' | 'examples' | 'json'>, width: number): string {
  const details = spec.details === undefined ? '' : `\n${fit(spec.details, width)}\n`;
  return `${details}\nExamples:\n${examples(spec.examples, width)}\n\n${fit(`JSON: ${spec.json}`, width)}`;
}

/** Each example beside what it does, or above it where one of them is too long for that. */
export function examples(all: CommandSpec['examples'], width: number): string {
  const longest = Math.max(...all.map(([line]) => line.length));
  const beside = all.map(([line, what]) => `  ${line.padEnd(longest + GAP)}${what}`);
  if (beside.every((line) => line.length <= width)) return beside.join('\n');
  return all.map(([line, what]) => `  ${line}\n${wrap(what, BELOW, width)}`).join('\n');
}

/** Text as it is written where it fits; else its paragraphs are broken anew, and the rows of its lists for themselves. */
export function fit(text: string, width: number): string {
  const lines = text.split('\n');
  if (lines.every((line) => line.length <= width)) return text;
  const blocks: string[] = [];
  for (const line of lines) {
    const last = blocks.at(-1);
    const own = last === undefined || line === '' || last === '' || isRow(line) || isRow(last);
    if (own) blocks.push(line);
    else blocks[blocks.length - 1] = `${last} ${line.trim()}`;
  }
  return blocks.map((block) => wrapRow(block, width)).join('\n');
}

/** A row of a list: a word, two spaces or more, what it means. */
function isRow(line: string): boolean {
  return /^\S+ {2,}\S/.test(line);
}

function wrapRow(block: string, width: number): string {
  const head = /^(?:\S+ {2,}|\s*)/.exec(block)?.[0] ?? '';
  const rest = wrap(block.slice(head.length), ' '.repeat(head.length), width);
  return head + rest.slice(head.length);
}

/** Breaks between words; a word that is too long stands alone. */
function wrap(text: string, indent: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(indent + word);
  }
  return lines.join('\n');
}
