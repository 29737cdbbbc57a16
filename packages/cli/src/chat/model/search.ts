/** Finds words in a conversation. Pure. */
import type { Block } from './blocks.ts';
import { diffOf } from './diff.ts';
import { type Row, textOf } from './style.ts';
import { payloadText } from './tool-rows.ts';

/** What a block says, as it can be searched and copied. */
export function plainText(block: Block): string {
  switch (block.kind) {
    case 'prompt':
    case 'message':
    case 'thought':
      return block.text;
    case 'plan':
      return block.entries.map(({ text, state }) => `[${state === 'done' ? 'x' : ' '}] ${text}`).join('\n');
    case 'end':
      return block.message ?? block.end;
    case 'remark':
      return block.detail === undefined ? block.text : `${block.text}\n${block.detail}`;
    case 'tool':
      return [
        block.title,
        ...(block.input === undefined ? [] : [payloadText(block.input)]),
        ...block.diffs.map((diff) => {
          const { path, lines } = diffOf(diff);
          return [path, ...lines.map(({ op, text }) => `${op}${text}`)].join('\n');
        }),
        ...(block.output === undefined ? [] : [payloadText(block.output)]),
      ].join('\n');
  }
}

/** Without making the differences of each change, which nobody would look at. */
function says(block: Block, wanted: string): boolean {
  if (block.kind !== 'tool') return plainText(block).toLowerCase().includes(wanted);
  const { title, input, output, diffs } = block;
  const texts = [title, ...(input === undefined ? [] : [payloadText(input)])];
  if (output !== undefined) texts.push(payloadText(output));
  for (const diff of diffs) texts.push(...('patch' in diff ? [diff.patch] : [diff.before ?? '', diff.after]));
  return texts.some((text) => text.toLowerCase().includes(wanted));
}

/** The next block that holds the words, from the one after `from`, and on from the other end; undefined if there is none. */
export function findBlock(
  blocks: readonly Block[],
  query: string,
  from: number,
  step: 1 | -1,
): number | undefined {
  const wanted = query.toLowerCase();
  if (wanted === '') return undefined;
  const count = blocks.length;
  for (let n = 1; n <= count; n++) {
    const index = (((from + step * n) % count) + count) % count;
    const block = blocks[index];
    if (block !== undefined && says(block, wanted)) return index;
  }
  return undefined;
}

/** The row in which the words are, or begin; the first where they cannot be told. */
export function findRow(rows: readonly Row[], query: string): number {
  const wanted = query.toLowerCase();
  const found = rows.findIndex((row) => textOf(row).toLowerCase().includes(wanted));
  if (found >= 0) return found;
  const [word = ''] = wanted.split(/\s+/).filter((part) => part !== '');
  return Math.max(
    0,
    rows.findIndex((row) => textOf(row).toLowerCase().includes(word)),
  );
}
