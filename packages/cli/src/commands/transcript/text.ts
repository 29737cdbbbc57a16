/** A transcript as plain text, with what people said, thought and did told apart by signs and colours. Pure. */
import type { Item, ToolItem } from '@skein/protocol/agents/transcript';
import type { Paint } from '@skein/protocol/text/paint';
import { visible, visibleLines } from '@skein/protocol/text/words';
import { toolTitle } from '../../agents/approval-text.ts';
import { whoText } from '../../agents/who-text.ts';
import { diffText } from './diff-text.ts';
import type { Answer, Head, Shown } from './reader.ts';
import type { Form } from './run.ts';
import { approvalText, endText, MARKS, payloadText, promptText, shortened, timeText } from './words.ts';

export function plainText(shown: Shown, form: Form, paint: Paint): string {
  if (shown.kind === 'life')
    return `${paint.yellow(`── ${visible(shown.agent)} ${visible(shown.text)} · ${timeText(shown.at)}`)}\n\n`;
  const { head, more, items, answers, end } = shown;
  const parts = more ? [] : [headText(head, form.full, paint)];
  if (more && items.length > 0)
    parts.push(paint.dim(`── ${visible(head.agent)}, turn ${head.number}, continued`));
  for (const item of items)
    if (item.type !== 'thought' || form.thoughts) parts.push(itemText(item, answers, form.full, paint));
  for (const { text, state } of end?.plan ?? [])
    parts.push(`  [${state === 'done' ? 'x' : ' '}] ${visible(text)}`);
  if (end !== null && end.turn !== null) parts.push(paint.dim(`── ${visible(endText(end))}\n`));
  const text = parts.filter((part) => part !== '').join('\n');
  return text === '' ? '' : `${text}\n`;
}

function headText({ agent, turn, number, at, asked, replayed }: Head, full: boolean, paint: Paint): string {
  if (turn === null) return paint.bold(`── ${visible(agent)}`);
  const by = replayed
    ? 'from an earlier session'
    : asked === null
      ? 'of its own'
      : visible(whoText(asked.by));
  const line = `${paint.bold(`── ${visible(agent)}, turn ${number}`)} ${paint.dim(`· ${timeText(at)} · ${by}`)}`;
  return asked === null ? line : `${line}\n${indented(promptText(asked.parts, full), '> ')}\n`;
}

function itemText(item: Item, answers: ReadonlyMap<string, Answer>, full: boolean, paint: Paint): string {
  switch (item.type) {
    case 'message': {
      const text = item.from === 'user' ? indented(item.text, '> ') : lines(item.text).trimEnd();
      return `${text}${item.hidden > 0 ? `\n… ${item.hidden} more characters` : ''}\n`;
    }
    case 'thought':
      return `${paint.dim(indented(item.text, '  ~ '))}\n`;
    case 'tool':
      return toolText(item, full, paint);
    case 'approval':
      return paint.yellow(`  ? ${visible(approvalText(item, answers.get(item.id)))}`);
    case 'fault':
      return paint.red(`  ! ${visible(item.text)}`);
    case 'note':
      return '';
  }
}

function toolText(tool: ToolItem, full: boolean, paint: Paint): string {
  const { kind, title, state, input, output, diffs } = tool;
  const colour = state === 'done' ? paint.green : state === 'running' ? paint.yellow : paint.red;
  const out = [
    `  ${colour(MARKS[state])} ${visible(toolTitle(tool))} ${paint.dim(state === 'done' ? kind : `${kind}, ${state}`)}`,
  ];
  for (const diff of diffs) {
    out.push(paint.dim(`      ${visible(diff.path)}`));
    for (const line of shortened(diffText(diff), full).split('\n')) {
      const tone = line.startsWith('+') ? paint.green : line.startsWith('-') ? paint.red : paint.dim;
      out.push(`      ${tone(visible(line))}`);
    }
  }
  const told = [
    ...(input !== undefined && diffs.length === 0 && kind === 'execute' ? [payloadText(input)] : []),
    // That a file was changed is seen by its change.
    ...(output === undefined || (diffs.length > 0 && state === 'done') ? [] : [payloadText(output)]),
  ];
  for (const text of told)
    if (text !== '' && text !== title) out.push(paint.dim(indented(shortened(text, full), '      ')));
  return out.join('\n');
}

function lines(text: string): string {
  return visibleLines(text.replaceAll('\r\n', '\n'));
}

function indented(text: string, by: string): string {
  return lines(text)
    .trimEnd()
    .split('\n')
    .map((line) => (by + line).trimEnd())
    .join('\n');
}
