/** What waits, as people read it, each with the command that deals with it. Pure. */
import type { Paint } from '@skein/protocol/text/paint';
import { type Cell, table } from '@skein/protocol/text/table';
import { age, shellWord, visible } from '@skein/protocol/text/words';
import { shortId } from '../agents/approval-text.ts';
import type { Gathered, Waiting } from './inbox.ts';

/** Characters of what each is about. */
const TITLE = 80;
/** Characters of a question's id, at least. */
const SHOWN = 4;

export function inboxTable({ items, away }: Gathered, paint: Paint, now: number): string {
  const head = ['WHAT', 'WHERE', 'AGE', 'ABOUT', ''];
  const rows: Cell[][] = [head.map((text) => ({ text, paint: paint.dim }))];
  for (const one of items)
    rows.push([
      {
        text: one.kind,
        paint: one.kind === 'approval' || one.kind === 'question' ? paint.yellow : paint.red,
      },
      { text: visible(whereText(one)), paint: paint.bold },
      { text: age(now - one.at) },
      { text: aboutText(one) },
      { text: one.yours ? commandFor(one, items) : '(not yours to answer)', paint: paint.dim },
    ]);
  const missing = away.map(({ node, error }) =>
    paint.dim(`${visible(node)} is not in this list: ${visible(error)}\n`),
  );
  return (items.length === 0 ? 'Nothing waits for you.\n' : table(rows)) + missing.join('');
}

export function waitingLine(one: Waiting, all: readonly Waiting[], paint: Paint): string {
  const time = paint.dim(new Date(one.at).toTimeString().slice(0, 8));
  const how = one.yours ? `  ${paint.dim(commandFor(one, all))}` : '';
  return `${time}  ${paint.bold(visible(whereText(one)))}  ${one.kind}: ${aboutText(one)}${how}`;
}

/** `node:session/agent`. */
export function whereText({ node, sessionName, agentName }: Waiting): string {
  const place = node === null ? sessionName : `${node}:${sessionName}`;
  return agentName === null || agentName === sessionName ? place : `${place}/${agentName}`;
}

function aboutText({ kind, title, detail, options, n }: Waiting): string {
  const number = kind === 'task' && n !== null ? `task ${n}: ` : '';
  const more =
    options.length > 0
      ? options.join(' | ')
      : kind === 'approval' || title.includes(detail ?? '')
        ? null
        : detail;
  const text = `${number}${title}${more === null ? '' : `  (${more})`}`.replace(/\s+/g, ' ');
  return visible(text.length <= TITLE ? text : `${text.slice(0, TITLE - 1)}…`);
}

/** What deals with it, to be typed as it is. */
export function commandFor(one: Waiting, all: readonly Waiting[]): string {
  const { kind, id, n, node, sessionName, agentName } = one;
  const place = node === null ? sessionName : `${node}:${sessionName}`;
  const agent = shellWord(agentName === null ? place : `${place}/${agentName}`);
  const ids = all.filter((other) => other.kind === kind).map((other) => other.id);
  switch (kind) {
    case 'approval':
      return `skein approve ${shortId(id, node ?? undefined, ids)}`;
    case 'question':
      return `skein answer ${shortest(id, node, ids)} …`;
    case 'task':
      return `skein task show ${n} --in ${shellWord(place)}`;
    case 'agent':
      return one.detail === 'stuck' ? `skein chat ${agent}` : `skein restart ${agent}`;
    case 'conflict':
      return `skein events ${shellWord(place)}`;
    case 'landing':
      return `skein land ${agent}`;
  }
}

function shortest(id: string, node: string | null, ids: readonly string[]): string {
  let signs = SHOWN;
  while (signs < id.length && ids.filter((one) => one.startsWith(id.slice(0, signs))).length > 1) signs += 1;
  return node === null ? id.slice(0, signs) : `${node}:${id.slice(0, signs)}`;
}
