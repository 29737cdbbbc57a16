/** The change of a file as lines with `+`, `-` and a space before them. Pure. */
import type { Diff } from '@skein/protocol/agents/events';
import { diffOf } from '../../chat/model/diff.ts';

export function diffText(diff: Diff): string {
  if ('patch' in diff) return diff.patch.trimEnd();
  const { lines } = diffOf(diff);
  return lines.map(({ op, text }) => (op === '@' ? text : op + text)).join('\n');
}
