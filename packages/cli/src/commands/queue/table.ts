/** A queue as people read it, and which of its prompts they mean. Pure. */
import type { AgentState, QueuedPrompt } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import type { Paint } from '@skein/protocol/text/paint';
import { type Cell, table } from '@skein/protocol/text/table';
import { age, visible } from '@skein/protocol/text/words';
import { whoText } from '../../agents/who-text.ts';

type Queue = Pick<AgentState, 'name' | 'turn' | 'queue'>;

export function queueTable({ name, turn, queue }: Queue, paint: Paint, now: number): string {
  if (turn === null && queue.length === 0) return `Nothing waits for ${name}, and it does nothing.`;
  const head = ['', 'PROMPT', 'AGE', 'BY', 'WHAT'];
  const rows: Cell[][] = [head.map((text) => ({ text, paint: paint.dim }))];
  if (turn !== null)
    rows.push([
      { text: turn.cancelling ? 'ends' : 'runs', paint: paint.green },
      { text: turn.prompt ?? '-', paint: paint.dim },
      { text: age(now - turn.startedAt) },
      { text: visible(whoText(turn.by)) },
      { text: turn.cancelling ? '(being cancelled)' : '(running)', paint: paint.dim },
    ]);
  for (const [i, { prompt, at, by, preview, kinds }] of queue.entries())
    rows.push([
      { text: String(i + 1), paint: paint.bold },
      { text: prompt, paint: paint.dim },
      { text: age(now - at) },
      { text: visible(whoText(by)) },
      { text: visible(preview) + more(kinds) },
    ]);
  return table(rows);
}

function more(kinds: QueuedPrompt['kinds']): string {
  const images = kinds.filter((kind) => kind === 'image').length;
  return images === 0 ? '' : images === 1 ? ' (1 image)' : ` (${images} images)`;
}

/**
 * By its number in the list, or by the beginning of its id; what may be a number is none of an id, since the prompt that it
 * meant may have gone. Throws `not_found` or `ambiguous`.
 */
export function promptMeant({ name, queue }: Queue, wanted: string): QueuedPrompt {
  const numbered = /^\d{1,3}$/.test(wanted);
  const begun = queue.filter(({ prompt }, i) =>
    numbered ? Number(wanted) === i + 1 : prompt.startsWith(wanted),
  );
  const [only] = begun;
  if (begun.length === 1 && only !== undefined) return only;
  if (begun.length > 1)
    throw new SkeinError('ambiguous', `"${wanted}" could be any of ${begun.length} prompts.`);
  const there = queue.length === 0 ? 'Nothing does.' : `There are ${queue.length}.`;
  throw new SkeinError('not_found', `No prompt "${wanted}" waits for "${name}". ${there}`);
}
