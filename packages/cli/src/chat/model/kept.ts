/** How much of what an agent says is kept at hand: up to a bound each; the log has the rest. */
import type { Diff, Payload } from '@skein/protocol/agents/events';
import type { PromptPart } from '@skein/protocol/agents/life-events';
import { SHOWN } from '@skein/protocol/agents/transcript-items';

export function textOfParts(parts: readonly PromptPart[]): string {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

/** Text that goes on. */
export function grow(block: { text: string; hidden: number }, more: string): void {
  const room = Math.max(0, SHOWN - block.text.length);
  if (more.length <= room) block.text += more;
  else {
    block.text += more.slice(0, room);
    block.hidden += more.length - room;
  }
}

export function keptPayload(payload: Payload): Payload {
  if (!('text' in payload) || payload.text.length <= SHOWN) return payload;
  return { text: payload.text.slice(0, SHOWN), cut: payload.cut ?? payload.text.length };
}

export function keptDiff(diff: Diff): Diff {
  if ('patch' in diff)
    return diff.patch.length <= SHOWN
      ? diff
      : { ...diff, patch: diff.patch.slice(0, SHOWN), cut: diff.cut ?? diff.patch.length };
  const longest = Math.max(diff.before?.length ?? 0, diff.after.length);
  if (longest <= SHOWN) return diff;
  const cut = diff.cut ?? longest;
  return { ...diff, before: diff.before?.slice(0, SHOWN) ?? null, after: diff.after.slice(0, SHOWN), cut };
}

/** A title without the directory in which the agent works. */
export function shortened(title: string, cwd: string): string {
  if (cwd.length < 2) return title;
  // Some leave out the first slash of what they know to be absolute.
  return title.replaceAll(`${cwd}/`, '').replaceAll(`${cwd.slice(1)}/`, '');
}
