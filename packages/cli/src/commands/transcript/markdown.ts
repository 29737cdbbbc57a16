/** A transcript as Markdown that can be pasted into an issue. Pure. */
import type { Item, TextItem, ToolItem, Turn } from '@skein/protocol/agents/transcript';
import { visibleLines } from '@skein/protocol/text/words';
import { toolTitle } from '../../agents/approval-text.ts';
import { whoText } from '../../agents/who-text.ts';
import { diffText } from './diff-text.ts';
import type { Answer, Head, Shown } from './reader.ts';
import type { Form } from './run.ts';
import { approvalText, endText, MARKS, payloadText, promptText, shortened, timeText } from './words.ts';

export function markdown(shown: Shown, { full, thoughts }: Form): string {
  if (shown.kind === 'life')
    return `---\n\n*${plain(shown.agent)} ${plain(shown.text)} (${timeText(shown.at)})*\n\n`;
  const { head, more, items, answers, end } = shown;
  const parts = [more ? '' : headText(head, full)];
  if (more && items.length > 0) parts.push(`*${plain(head.agent)}, turn ${head.number}, continued*\n`);
  for (const item of items)
    if (item.type !== 'thought' || thoughts) parts.push(itemText(item, answers, full));
  if (end?.plan !== undefined) parts.push(planText(end.plan));
  if (end !== null && end.turn !== null) parts.push(`*${plain(endText(end))}*\n`);
  const text = parts.filter((part) => part !== '').join('\n');
  return text === '' ? '' : `${visibleLines(text)}\n`;
}

function headText({ agent, turn, number, at, asked, replayed }: Head, full: boolean): string {
  if (turn === null) return `## ${plain(agent)}\n`;
  const by = replayed ? 'from an earlier session' : asked === null ? 'of its own' : plain(whoText(asked.by));
  const said = asked === null ? '' : `\n${quoted(promptText(asked.parts, full))}\n`;
  return `## ${plain(agent)}, turn ${number}\n\n*${timeText(at)} · ${by}*\n${said}`;
}

function itemText(item: Item, answers: ReadonlyMap<string, Answer>, full: boolean): string {
  switch (item.type) {
    case 'message':
      return item.from === 'user' ? `${quoted(item.text)}\n` : `${whole(item)}\n`;
    case 'thought':
      return folded('Thought', whole(item));
    case 'tool':
      return toolText(item, full);
    case 'approval':
      return `*${plain(approvalText(item, answers.get(item.id)))}*\n`;
    case 'fault':
      return `**Fault:** ${plain(item.text)}\n`;
    case 'note':
      return '';
  }
}

/** A fence that a cut message left open would swallow all that follows. */
function whole({ text, hidden }: TextItem): string {
  const fences = text.match(/^ {0,3}(?:```|~~~)/gm) ?? [];
  const closed = fences.length % 2 === 0 ? text : `${text}\n${fences.at(-1)?.trim()}`;
  return `${closed.trimEnd()}${hidden > 0 ? `\n\n*… ${hidden} more characters*` : ''}`;
}

function toolText(tool: ToolItem, full: boolean): string {
  const { kind, title, state, input, output, diffs } = tool;
  const lines = [
    `**${MARKS[state]} ${plain(toolTitle(tool))}** \`${kind}\`${state === 'done' ? '' : ` ${state}`}\n`,
  ];
  for (const diff of diffs)
    lines.push(fenced('diff', `--- ${diff.path}\n${shortened(diffText(diff), full)}`));
  const told: string[] = [];
  if (input !== undefined && diffs.length === 0) {
    const text = payloadText(input);
    if (text !== title && text !== '{}')
      told.push(fenced(kind === 'execute' ? 'sh' : 'json', shortened(text, full)));
  }
  if (output !== undefined) {
    const text = payloadText(output);
    // That a file was changed is seen by its change.
    if (text !== '' && (diffs.length === 0 || state !== 'done')) told.push(fenced('', shortened(text, full)));
  }
  if (told.length > 0) lines.push(folded('Input and output', told.join('\n').trimEnd()));
  return lines.join('\n');
}

function planText(plan: NonNullable<Turn['plan']>): string {
  const marks = { pending: ' ', doing: ' ', done: 'x' };
  return `${plan.map(({ text, state }) => `- [${marks[state]}] ${plain(text)}`).join('\n')}\n`;
}

function folded(summary: string, text: string): string {
  return `<details><summary>${summary}</summary>\n\n${text}\n\n</details>\n`;
}

function quoted(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}

/** With a fence longer than any in the text. */
function fenced(language: string, text: string): string {
  const runs = text.match(/`{3,}/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return `${fence}${language}\n${text}\n${fence}\n`;
}

/** In one line, and nothing of it taken for Markdown. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>#|~]/g, '\\$&');
}
