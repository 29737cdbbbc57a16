/** The lines in which a file differs, with some of what stands around them. Pure. */
import type { Diff } from '@skein/protocol/agents/events';
import { type DiffLine, lineDiff, linesOf } from '@skein/protocol/text/line-diff';

export interface FileDiff {
  path: string;
  lines: DiffLine[];
  added: number;
  removed: number;
}

/** Lines around a change that are shown. */
const AROUND = 3;

export function diffOf(diff: Diff): FileDiff {
  const lines =
    'patch' in diff ? patchLines(diff.patch) : hunks(lineDiff(linesOf(diff.before), linesOf(diff.after)));
  const count = (op: string) => lines.filter((line) => line.op === op).length;
  return { path: diff.path, lines, added: count('+'), removed: count('-') };
}

function patchLines(patch: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let inHunk = false;
  for (const line of linesOf(patch)) {
    if (line.startsWith('@@')) {
      inHunk = true;
      lines.push({ op: '@', text: line });
    } else if (line.startsWith('+++') || line.startsWith('---')) {
      // A file's name, unless it is a line that begins so.
      if (inHunk) lines.push({ op: line.startsWith('+') ? '+' : '-', text: line.slice(1) });
    } else if (line.startsWith('+')) lines.push({ op: '+', text: line.slice(1) });
    else if (line.startsWith('-')) lines.push({ op: '-', text: line.slice(1) });
    else if (line.startsWith(' ')) lines.push({ op: ' ', text: line.slice(1) });
    else if (line.startsWith('\\') || /^(diff|index|new file|deleted file|similarity|rename) /.test(line)) {
      inHunk = line.startsWith('\\') && inHunk;
    } else lines.push({ op: ' ', text: line });
  }
  return lines;
}

/** What is far from any change is left out; `@` says where. */
function hunks(lines: readonly DiffLine[]): DiffLine[] {
  const near = new Uint8Array(lines.length);
  for (const [i, { op }] of lines.entries())
    if (op !== ' ') near.fill(1, Math.max(0, i - AROUND), Math.min(lines.length, i + AROUND + 1));
  const out: DiffLine[] = [];
  let number = 0;
  for (const [i, line] of lines.entries()) {
    if (line.op !== '-') number++;
    if (near[i] !== 1) continue;
    if (i > 0 && near[i - 1] !== 1) out.push({ op: '@', text: `@@ line ${Math.max(1, number)} @@` });
    out.push(line);
  }
  return out;
}
