/** Colours for a difference as git writes it; what stands in it moves no cursor. Pure. */
import type { Paint } from '@skein/protocol/text/paint';
import { visible } from '@skein/protocol/text/words';

export function paintDiff(diff: string, paint: Paint): string {
  let head = true;
  return lines(diff, (line) => {
    if (line.startsWith('diff --git ')) head = true;
    else if (line.startsWith('@@')) head = false;
    if (line.startsWith('@@')) return paint.dim(line);
    // `--- a` and `+++ b` stand only above the first part of a file; below, they are what has changed.
    if (head) return paint.bold(line);
    if (line.startsWith('+')) return paint.green(line);
    return line.startsWith('-') ? paint.red(line) : line;
  });
}

/** Of `a.txt | 12 ++++----` the signs at the end. */
export function paintStat(stat: string, paint: Paint): string {
  return lines(stat, (line) =>
    line.replace(/( \|\s+\d+ )(\+*)(-*)$/, (_, begin: string, plus: string, minus: string) => {
      const signs = [plus === '' ? '' : paint.green(plus), minus === '' ? '' : paint.red(minus)];
      return begin + signs.join('');
    }),
  );
}

function lines(text: string, paint: (line: string) => string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : paint(line.split('\t').map(visible).join('\t'))))
    .join('\n');
}
