/** What an agent asks, in few lines, and the id by which it is answered, as short as it may be. Pure. */
import { commandOf, detailOf } from '@skein/protocol/agents/detail';
import type { AgentEvents } from '@skein/protocol/agents/events';

/** Signs of a run's id that are shown: as many as tell the runs of one person's agents apart. */
const SHOWN = 4;

/** `abcdefghijkl.a2` as `abcd.a2`; another node is named before it. */
export function shortId(id: string, node?: string, all: readonly string[] = []): string {
  const place = node === undefined ? '' : `${node}:`;
  const dot = id.lastIndexOf('.');
  if (dot < 0) return place + id;
  for (let signs = SHOWN; signs < dot; signs++) {
    const short = id.slice(0, signs) + id.slice(dot);
    if (all.filter((one) => isMeant(one, short)).length <= 1) return place + short;
  }
  return place + id;
}

/** Whether an approval could be meant: by its beginning, or by the beginning of its run and its own end. */
export function isMeant(id: string, wanted: string): boolean {
  if (id === wanted || id.startsWith(wanted)) return true;
  const [theirs, ours] = [id.lastIndexOf('.'), wanted.lastIndexOf('.')];
  return (
    theirs > 0 && ours > 0 && id.startsWith(wanted.slice(0, ours)) && id.slice(theirs) === wanted.slice(ours)
  );
}

type Asked = Pick<AgentEvents['approval.asked'], 'name' | 'title' | 'kind' | 'paths' | 'input' | 'reason'>;

/** For somebody who waits for a reply: the question, and how to answer it. */
export function askedText(agent: string, asked: Asked, id: string): string {
  const { title, kind, paths, input, reason } = asked;
  const told = { title, kind, ...(input === undefined ? {} : { input }) };
  const detail = commandOf(told) ?? (paths.length > 0 ? paths.join(', ') : detailOf(told));
  const lines = [`${agent} asks: ${toolTitle(asked)}`];
  if (detail !== null && !title.includes(detail)) lines.push(`  ${detail}`);
  if (reason !== undefined && !title.includes(reason)) lines.push(`  because: ${reason}`);
  lines.push(`  skein approve ${id}  ·  skein deny ${id}`);
  return lines.join('\n');
}

/** What is to be done, and with what where the title does not say. */
export function toolTitle({
  name,
  title,
  kind,
}: Pick<Asked, 'title' | 'kind'> & { name?: string | undefined }): string {
  if (name === undefined || name.startsWith('mcp__') || kind === 'execute') return title;
  return title.toLowerCase().includes(name.toLowerCase()) ? title : `${name} ${title}`;
}
