/** A transcript as objects for programs, one for each thing, in order. Pure. */
import type { Shown } from './reader.ts';

export function objectsOf(shown: Shown): object[] {
  if (shown.kind === 'life') return [{ type: 'life', agent: shown.agent, at: shown.at, text: shown.text }];
  const { head, more, items, answers, end } = shown;
  const { agent, turn, number, at, replayed, asked } = head;
  const about = { agent, turn };
  const out: object[] = [];
  if (!more) {
    const by = asked === null ? {} : { by: asked.by, prompt: asked.parts };
    out.push({ type: 'turn', ...about, number, at, replayed, ...by });
  }
  for (const { type, ...item } of items) {
    const answer = type === 'approval' ? answers.get(item.id) : undefined;
    out.push({ type, ...about, ...item, ...(answer === undefined ? {} : { answered: answer }) });
  }
  if (end === null || end.turn === null) return out;
  if (end.plan !== undefined) out.push({ type: 'plan', ...about, entries: end.plan });
  const { endedAt, end: how, stop, message, usage } = end;
  out.push({ type: 'end', ...about, at: endedAt ?? null, end: how ?? null, stop, message, usage });
  return out;
}
