/** What agents ask, as a table, a line, or a notification. Pure. */
import type { Paint } from '@skein/protocol/text/paint';
import { type Cell, table } from '@skein/protocol/text/table';
import { age, visible } from '@skein/protocol/text/words';
import { shortId, toolTitle } from '../../agents/approval-text.ts';
import type { Waiting } from '../../agents/waiting-approvals.ts';

/** Characters of what a call is to do. */
const DETAIL = 100;

export function approvalsTable(waiting: readonly Waiting[], paint: Paint, now: number): string {
  const ids = waiting.map(({ approval }) => approval);
  const head = ['ID', 'AGENT', 'AGE', 'KIND', 'WHAT'];
  const rows: Cell[][] = [head.map((text) => ({ text, paint: paint.dim }))];
  for (const one of waiting)
    rows.push([
      { text: shortId(one.approval, one.node ?? undefined, ids), paint: paint.bold },
      { text: visible(whose(one)) },
      { text: age(now - one.at) },
      { text: one.kind, paint: one.kind === 'execute' || one.kind === 'delete' ? paint.yellow : paint.dim },
      { text: whatText(one) },
    ]);
  const [first] = waiting;
  const mine = waiting.find(({ yours }) => yours);
  const example = mine === undefined ? undefined : shortId(mine.approval, mine.node ?? undefined, ids);
  const how =
    example !== undefined
      ? `skein approve ${example} · skein deny ${example} · --always for the like of it`
      : first === undefined
        ? ''
        : 'You may look on, and not answer.';
  return `${table(rows)}${paint.dim(how)}\n`;
}

/** For one that comes: a line. */
export function askedLine(one: Waiting, all: readonly string[], paint: Paint): string {
  const id = shortId(one.approval, one.node ?? undefined, all);
  const time = paint.dim(new Date(one.at).toTimeString().slice(0, 8));
  return `${time}  ${paint.bold(id)}  ${visible(whose(one))} asks: ${whatText(one)}`;
}

/** `node:session/agent`, without the agent where it is called as the session. */
export function whose({ node, sessionName, agentName }: Waiting): string {
  const place = node === null ? sessionName : `${node}:${sessionName}`;
  return agentName === sessionName ? place : `${place}/${agentName}`;
}

function whatText({ tool, kind, title, detail, paths }: Waiting): string {
  // Of a call that names files their names say more than its input, which may be their whole contents.
  const more = kind === 'execute' || paths.length === 0 ? detail : paths.join(', ');
  const said = more === null || title.includes(more) ? title : `${title}  (${more})`;
  const text = toolTitle({ name: tool ?? undefined, title: said, kind });
  const line = text.replace(/\s+/g, ' ');
  return visible(line.length <= DETAIL ? line : `${line.slice(0, DETAIL - 1)}…`);
}

/** What makes a terminal tell of it when nobody looks: its bell, and a notification in both ways that terminals know. */
export function notification(title: string, body: string): string {
  // Semicolons part the fields of OSC 777; nothing in them may end the sequence.
  const field = (text: string) => visible(text).replaceAll(';', ',').slice(0, 200);
  return `\x07\x1b]9;${field(`${title}: ${body}`)}\x07\x1b]777;notify;${field(title)};${field(body)}\x07`;
}
