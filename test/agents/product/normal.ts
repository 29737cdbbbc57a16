/** The events of a turn in a normal form: what must be the same whichever agent it is (rule A1). */
import type { Seen } from './log.ts';

/** Told by agents at moments of their own, or not at all: nothing that happens depends on them. */
const OWN_MOMENT = [
  ...['agent.offers', 'agent.session', 'agent.note', 'usage.set', 'plan.set'],
  // As often as an agent likes, and with as much as it likes.
  'tool.updated',
];

/** Kinds in their order, with how what has an outcome came out; the pieces of one text as one. */
export function normalForm(events: readonly Seen[], prompt: string): string[] {
  const begun = events.find(({ type, body }) => type === 'turn.started' && body.prompt === prompt);
  if (begun === undefined) return [];
  const { turn, run } = begun.body;
  const approvals = new Set<unknown>();
  const kinds: string[] = [];
  for (const { type, body } of events) {
    if (body.run !== undefined && body.run !== run) continue;
    if (type === 'approval.asked' && body.turn === turn) approvals.add(body.approval);
    const its = body.turn === turn || body.prompt === prompt || approvals.has(body.approval);
    if (!its || OWN_MOMENT.includes(type)) continue;
    const outcome = outcomeOf({ type, body });
    const kind = outcome === undefined ? type : `${type} ${outcome}`;
    if (!(type.endsWith('.delta') && kinds.at(-1) === kind)) kinds.push(kind);
  }
  return wishLast(kinds);
}

function outcomeOf({ type, body }: Pick<Seen, 'type' | 'body'>): unknown {
  if (type === 'turn.ended') return body.reason;
  if (type === 'approval.resolved') return body.outcome;
  return type === 'tool.finished' ? body.end : undefined;
}

/** Whether what was being said had been told when somebody wished for the end is a matter of milliseconds. */
function wishLast(kinds: string[]): string[] {
  const at = kinds.indexOf('turn.cancelling');
  if (at < 0) return kinds;
  const [said, rest] = [kinds.slice(at + 1), [] as string[]];
  while (said[0]?.startsWith('message.')) rest.push(said.shift() as string);
  const before = [...kinds.slice(0, at), ...rest];
  const together = before.filter((kind, index) => !(kind.endsWith('.delta') && before[index - 1] === kind));
  return [...together, 'turn.cancelling', ...said];
}
