/** The lines in which two texts differ, with some of what stands around them. Pure. */
import type { Diff } from '@skein/protocol/agents/events';

export interface DiffLine {
  op: ' ' | '+' | '-' | '@';
  text: string;
}

export interface FileDiff {
  path: string;
  lines: DiffLine[];
  added: number;
  removed: number;
}

/** Lines around a change that are shown. */
const AROUND = 3;
/** Changes after which two texts are simply different: the search for the shortest way between them is quadratic in it. */
const MOST_CHANGES = 600;

export function diffOf(diff: Diff): FileDiff {
  const lines =
    'patch' in diff ? patchLines(diff.patch) : hunks(lineDiff(split(diff.before), split(diff.after)));
  const count = (op: string) => lines.filter((line) => line.op === op).length;
  return { path: diff.path, lines, added: count('+'), removed: count('-') };
}

function split(text: string | null): string[] {
  if (text === null || text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function patchLines(patch: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let inHunk = false;
  for (const line of split(patch)) {
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

/** All lines of both, by the shortest way from one to the other (Myers). */
export function lineDiff(before: readonly string[], after: readonly string[]): DiffLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const least = Math.min(before.length, after.length) - head;
  while (tail < least && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const same = (lines: readonly string[]) => lines.map((text): DiffLine => ({ op: ' ', text }));
  return [
    ...same(before.slice(0, head)),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...same(before.slice(before.length - tail)),
  ];
}

function middle(a: readonly string[], b: readonly string[]): DiffLine[] {
  const trace: Int32Array[] = [];
  const most = Math.min(a.length + b.length, MOST_CHANGES);
  const size = 2 * most + 3;
  const v = new Int32Array(size);
  for (let d = 0; d <= most; d++) {
    trace.push(v.slice());
    for (let k = -d; k <= d; k += 2) {
      let x = fromAbove(v, k, d, most) ? get(v, k + 1, most) : get(v, k - 1, most) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      v[k + most + 1] = x;
      if (x >= a.length && x - k >= b.length) return wayBack(a, b, trace, most);
    }
  }
  return [
    ...a.map((text): DiffLine => ({ op: '-', text })),
    ...b.map((text): DiffLine => ({ op: '+', text })),
  ];
}

const get = (v: Int32Array, k: number, most: number): number => v[k + most + 1] ?? 0;

/** Whether the best way to diagonal `k` adds a line of the second text. */
function fromAbove(v: Int32Array, k: number, d: number, most: number): boolean {
  return k === -d || (k !== d && get(v, k - 1, most) < get(v, k + 1, most));
}

function wayBack(a: readonly string[], b: readonly string[], trace: Int32Array[], most: number): DiffLine[] {
  const out: DiffLine[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = trace.length - 1; d >= 0; d--) {
    const v = trace[d] ?? new Int32Array();
    const k = x - y;
    const above = fromAbove(v, k, d, most);
    const wasX = d === 0 ? 0 : get(v, above ? k + 1 : k - 1, most);
    const wasY = d === 0 ? 0 : wasX - (above ? k + 1 : k - 1);
    const [toX, toY] = d === 0 ? [0, 0] : above ? [wasX, wasY + 1] : [wasX + 1, wasY];
    while (x > toX && y > toY) {
      out.push({ op: ' ', text: a[--x] ?? '' });
      y--;
    }
    if (d > 0) {
      if (above) out.push({ op: '+', text: b[--y] ?? '' });
      else out.push({ op: '-', text: a[--x] ?? '' });
    }
  }
  return out.reverse();
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
