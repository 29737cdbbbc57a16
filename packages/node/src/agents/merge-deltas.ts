/** Pieces of one message that came together, told as one: what a stream of words costs is by the event. Pure. */
import type { AgentEvent } from '@skein/protocol/agents/events';

/** Characters of what is told as one: below what a log keeps inline. */
const MOST = 16 * 1024;

type Delta = Extract<AgentEvent, { type: 'message.delta' | 'thought.delta' }>;

/** The same events; neighbouring pieces of one item joined. */
export function mergeDeltas<E extends { type: string; body: unknown }>(events: readonly E[]): E[] {
  const out: E[] = [];
  for (const event of events) {
    const last = out.at(-1);
    if (last !== undefined && isDelta(last) && isDelta(event) && joins(last, event)) {
      out[out.length - 1] = { ...last, body: { ...last.body, text: last.body.text + event.body.text } };
    } else out.push(event);
  }
  return out;
}

function isDelta<E extends { type: string }>(event: E): event is E & Delta {
  return event.type === 'message.delta' || event.type === 'thought.delta';
}

function joins(a: Delta, b: Delta): boolean {
  const same = a.type === b.type && a.body.item === b.body.item && a.body.turn === b.body.turn;
  return same && a.body.run === b.body.run && a.body.text.length + b.body.text.length <= MOST;
}
