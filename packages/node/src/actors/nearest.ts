/** Which of several names somebody may have meant by one that is none of them. Pure. */

/** Those that differ in a third of the letters at most, or that it is a part of; the nearest first. */
export function nearest<T>(all: readonly T[], ref: string, nameOf: (one: T) => string): T[] {
  const limit = Math.max(2, Math.floor(ref.length / 3));
  return all
    .map((one) => ({
      one,
      far: Math.min(distance(nameOf(one), ref), nameOf(one).includes(ref) ? 0 : Infinity),
    }))
    .filter(({ far }) => far <= limit)
    .sort((a, b) => a.far - b.far)
    .map(({ one }) => one);
}

/** Levenshtein's distance: how many letters must change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
