/** What the prompts that wait for an agent become with each event (rule A4). Pure. */
import { sameWho, type Who } from '../members/who.ts';
import type { StoredEvent } from '../sessions/events.ts';
import type { AgentLifeEvents } from './life-events.ts';
import { MAX_TAKEN } from './limits.ts';
import type { AgentState, QueuedPrompt } from './state.ts';

export function queued(
  body: AgentLifeEvents['prompt.queued'],
  { at, by }: StoredEvent,
  offset: number,
): QueuedPrompt {
  const kinds = body.parts.map(({ type }) => type);
  const also = body.also === undefined ? {} : { also: body.also };
  return { prompt: body.prompt, offset, preview: body.preview, kinds, at, by, ...also };
}

/** It is whoever's has changed it, with what may be left of the words of those before. */
export function edited(was: QueuedPrompt, now: QueuedPrompt): QueuedPrompt {
  const same = (a: unknown, b: unknown) => sameWho(a as Who | null, b as Who | null);
  const before = [...(was.also ?? []), was.by].filter((one) => !same(one, now.by));
  const also = before.filter((one, at) => !before.slice(0, at).some((earlier) => same(one, earlier)));
  return { ...now, at: was.at, ...(also.length === 0 ? {} : { also }) };
}

/** Its id is taken from then on, whatever has become of it. */
export function without(
  { queue, taken = [] }: AgentState,
  prompt: string,
): Pick<AgentState, 'queue' | 'taken'> {
  return { queue: queue.filter((one) => one.prompt !== prompt), taken: [...taken, prompt].slice(-MAX_TAKEN) };
}
