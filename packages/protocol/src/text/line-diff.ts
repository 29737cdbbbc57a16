/** How two texts differ, line by line. Pure. */

export interface DiffLine {
  /** `@` only says where one is. */
  op: ' ' | '+' | '-' | '@';
  text: string;
}

/** Changes after which two texts are simply different: the search for the shortest way between them is quadratic in it. */
const MOST_CHANGES = 600;

/** A newline at the end ends the last line, and begins none. */
export function linesOf(text: string | null): string[] {
  if (text === null || text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
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
