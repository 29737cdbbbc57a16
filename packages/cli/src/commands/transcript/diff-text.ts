/** The change of a file as lines with `+`, `-` and a space before them. Pure. */
import type { Diff } from '@skein/protocol/agents/events';

/** Lines around a change. */
const AROUND = 3;

export function diffText(diff: Diff): string {
  if ('patch' in diff) return diff.patch;
  const [before, after] = [linesOf(diff.before), linesOf(diff.after)];
  const least = Math.min(before.length, after.length);
  let head = 0;
  while (head < least && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < least - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const lines = [
    ...before.slice(Math.max(0, head - AROUND), head).map((line) => ` ${line}`),
    ...before.slice(head, before.length - tail).map((line) => `-${line}`),
    ...after.slice(head, after.length - tail).map((line) => `+${line}`),
    ...after.slice(after.length - tail, after.length - tail + AROUND).map((line) => ` ${line}`),
  ];
  return lines.join('\n');
}

function linesOf(text: string | null): string[] {
  if (text === null || text === '') return [];
  return text.replace(/\n$/, '').split('\n');
}
